package io.github.latentdock.problem;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Parts of problems, in a client's words instead of Java's. */
public final class Words {

    private static final int MAX_ECHO = 60;

    private Words() {}

    /** What a value must be, such as {@code a whole number} for {@code Long}. */
    public static String needed(@Nullable Class<?> type) {
        if (type == null || type.isRecord()) {
            return "an object";
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
        return type == String.class ? "a text" : "a list of numbers";
    }

    /** More of what a client sent is not sent back. */
    public static String shortened(String text) {
        return text.length() <= MAX_ECHO ? text : text.substring(0, MAX_ECHO) + "…";
    }

    /** A single choice is none. */
    public static String oneOf(List<?> choices) {
        String all = choices.stream().map(String::valueOf).distinct().collect(Collectors.joining(", "));
        return choices.stream().distinct().count() == 1 ? all : "one of " + all;
    }
}
