package io.github.latentdock.problem;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Parts of problems, in a client's words instead of Java's. */
public final class Words {

    private static final int MAX_ECHO = 80;
    private static final int MOST_LISTED = 20;

    private Words() {}

    /** What a value must be, such as {@code a whole number} for {@code Long}. */
    public static String needed(@Nullable Class<?> type) {
        if (type == null || type.isRecord() || Map.class.isAssignableFrom(type)) {
            return "an object";
        }
        String kinds = Subtypes.of(type);
        if (kinds != null) {
            return "an object whose type is " + kinds;
        }
        if (type.isEnum()) {
            return oneOf(Arrays.stream(type.getEnumConstants())
                    .map(constant -> String.valueOf(constant).toLowerCase(Locale.ROOT))
                    .toList());
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (type == Integer.class || type == int.class || type == Long.class || type == long.class) {
            return "a whole number";
        }
        if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "a number";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return type == String.class ? "a text" : "a list of numbers";
    }

    /** More of what a client sent is not sent back. */
    public static String shortened(String text) {
        return text.length() <= MAX_ECHO ? text : text.substring(0, MAX_ECHO) + "…";
    }

    /** What there is; of much, only the first is told. */
    public static String listed(Collection<?> there) {
        String first = there.stream()
                .limit(MOST_LISTED)
                .map(each -> shortened(String.valueOf(each)))
                .collect(Collectors.joining(", "));
        return there.size() <= MOST_LISTED ? first : "%s, … (%d altogether)".formatted(first, there.size());
    }

    /** A single choice is none. */
    public static String oneOf(List<?> choices) {
        String all = choices.stream().map(String::valueOf).distinct().collect(Collectors.joining(", "));
        return choices.stream().distinct().count() == 1 ? all : "one of " + all;
    }
}
