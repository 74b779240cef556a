package io.github.latentdock.problem;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Objects of several kinds, of which a field {@code type} says which one it is. */
final class Subtypes {

    private Subtypes() {}

    /** What the type may be, such as {@code one of ae, vae}; null where there is only one kind. */
    static @Nullable String of(Class<?> type) {
        JsonSubTypes kinds = type.getAnnotation(JsonSubTypes.class);
        return kinds == null
                ? null
                : Words.oneOf(Arrays.stream(kinds.value())
                        .map(JsonSubTypes.Type::name)
                        .toList());
    }
}
