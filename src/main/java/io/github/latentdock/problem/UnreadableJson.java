package io.github.latentdock.problem;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Says in a client's words, not in Java's, why JSON does not fit what is expected. */
final class UnreadableJson {

    /** More of what a client sent is not sent back. */
    private static final int MAX_ECHO = 60;

    private static final Pattern FOR_PROGRAMMERS = Pattern.compile(
            ", from `[^`]+`|: enable `[^`]+` to allow| \\(start marker at [^)]*\\)[^)]*\\)| \\[Source: [^]]*]");

    private UnreadableJson() {}

    static Problem of(JacksonException failure) {
        String field = path(failure);
        return switch (failure) {
            case UnrecognizedPropertyException unknown ->
                Problem.malformed(
                        field,
                        "There is no field %s; there are %s"
                                .formatted(
                                        shortened(field),
                                        unknown.getKnownPropertyIds() == null
                                                ? "none"
                                                : unknown.getKnownPropertyIds().stream()
                                                        .map(String::valueOf)
                                                        .sorted()
                                                        .collect(Collectors.joining(", "))));
            case InvalidFormatException format ->
                Problem.malformed(
                        field,
                        "%s is '%s', %s is needed"
                                .formatted(
                                        field,
                                        shortened(String.valueOf(format.getValue())),
                                        needed(format.getTargetType())));
            case InputCoercionException tooLarge ->
                Problem.malformed(
                        field,
                        "%s is a number beyond what %s can be".formatted(field, needed(tooLarge.getTargetType())));
            case MismatchedInputException mismatch ->
                Problem.malformed(field, "%s must be %s".formatted(field, needed(mismatch.getTargetType())));
            case DatabindException other -> Problem.malformed(field, "%s cannot be read".formatted(field));
            default ->
                Problem.of(
                        Fault.MALFORMED,
                        "The body is not JSON that is read: " + withoutJava(failure.getOriginalMessage()));
        };
    }

    /** The parser's message without its hints to programmers. */
    private static String withoutJava(String message) {
        return FOR_PROGRAMMERS.matcher(message).replaceAll("");
    }

    private static String shortened(String text) {
        return text.length() <= MAX_ECHO ? text : text.substring(0, MAX_ECHO) + "…";
    }

    private static String path(JacksonException failure) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : failure.getPath()) {
            if (step.getPropertyName() != null) {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            } else {
                path.append('[').append(step.getIndex()).append(']');
            }
        }
        return path.isEmpty() ? "body" : path.toString();
    }

    private static String needed(@Nullable Class<?> type) {
        if (type == null || type.isRecord()) {
            return "an object";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(constant -> String.valueOf(constant).toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "));
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
}
