package io.github.latentdock.problem;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Says in a client's words, not in Java's, why JSON does not fit what is expected. */
final class UnreadableJson {

    private UnreadableJson() {}

    static Problem of(JacksonException failure) {
        String field = path(failure);
        return switch (failure) {
            case UnrecognizedPropertyException unknown ->
                Problem.malformed(
                        field,
                        "There is no field %s; there are %s"
                                .formatted(
                                        field,
                                        unknown.getKnownPropertyIds() == null
                                                ? "none"
                                                : unknown.getKnownPropertyIds().stream()
                                                        .map(String::valueOf)
                                                        .sorted()
                                                        .collect(Collectors.joining(", "))));
            case InvalidFormatException format ->
                Problem.malformed(
                        field,
                        "%s is '%s', %s is needed".formatted(field, format.getValue(), needed(format.getTargetType())));
            case MismatchedInputException mismatch ->
                Problem.malformed(field, "%s must be %s".formatted(field, needed(mismatch.getTargetType())));
            case DatabindException other -> Problem.malformed(field, "%s cannot be read".formatted(field));
            default -> Problem.of(Fault.MALFORMED, "The body is not JSON: " + failure.getOriginalMessage());
        };
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
