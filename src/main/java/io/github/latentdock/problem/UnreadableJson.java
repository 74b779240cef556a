package io.github.latentdock.problem;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;

/** Says in a client's words, not in Java's, why JSON does not fit what is expected. */
final class UnreadableJson {

    /** What the body as a whole is called. */
    private static final String BODY = "body";

    private static final Pattern FOR_PROGRAMMERS = Pattern.compile(
            ", from `[^`]+`|: enable `[^`]+` to allow| \\(start marker at [^)]*\\)[^)]*\\)| \\[Source: [^]]*]");

    private UnreadableJson() {}

    static Problem of(JacksonException failure) {
        String field = path(failure);
        return switch (failure) {
            case InvalidFormatException format ->
                Problem.malformed(
                        field,
                        "%s is '%s', %s is needed"
                                .formatted(
                                        field,
                                        Words.shortened(String.valueOf(format.getValue())),
                                        Words.needed(format.getTargetType())));
            case InputCoercionException tooLarge ->
                Problem.malformed(
                        field,
                        "%s is a number beyond what %s can be"
                                .formatted(field, Words.needed(tooLarge.getTargetType())));
            case MismatchedInputException mismatch ->
                Problem.malformed(field, "%s must be %s".formatted(field, needed(field, mismatch.getTargetType())));
            case DatabindException other -> Problem.malformed(field, "%s cannot be read".formatted(field));
            default ->
                Problem.of(
                        Fault.MALFORMED,
                        "The body is not JSON that is read: " + withoutJava(failure.getOriginalMessage()));
        };
    }

    private static String needed(String field, @Nullable Class<?> type) {
        return field.equals(BODY) && type != null && type.isRecord()
                ? "an object such as " + RequestFields.example(type)
                : Words.needed(type);
    }

    /** The parser's message without its hints to programmers. */
    private static String withoutJava(String message) {
        return FOR_PROGRAMMERS.matcher(message).replaceAll("");
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
        return path.isEmpty() ? BODY : path.toString();
    }
}
