package io.github.latentdock.problem;

import io.github.latentdock.problem.Problem.FieldError;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;

/** Says in a client's words, not in Java's, why JSON does not fit what is expected. */
public final class UnreadableJson {

    /** What the body as a whole is called. */
    static final String BODY = "body";

    private static final Pattern FOR_PROGRAMMERS = Pattern.compile(
            ", from `[^`]+`|: enable `[^`]+` to allow| \\(start marker at [^)]*\\)[^)]*\\)| \\[Source: [^]]*]");

    private UnreadableJson() {}

    static Problem of(JacksonException failure) {
        List<FieldError> errors = errors("", failure);
        return errors.isEmpty()
                ? Problem.of(
                        Fault.MALFORMED,
                        "The body is not JSON that is read: " + withoutJava(failure.getOriginalMessage()))
                : Problem.of(Fault.MALFORMED, errors);
    }

    /**
     * The fields that do not fit; none where it is no JSON at all.
     *
     * @param parent what the value that was read is called; empty for a whole body
     */
    public static List<FieldError> errors(String parent, JacksonException failure) {
        String path = path(parent, failure);
        String field = path.isEmpty() ? BODY : path;
        return switch (failure) {
            case UnknownFields unknown -> unknown.errors(path);
            case InvalidTypeIdException type -> List.of(kind(field, type));
            case InvalidFormatException format ->
                List.of(told(
                        field,
                        "is '%s', %s is needed",
                        Words.shortened(String.valueOf(format.getValue())),
                        Words.needed(format.getTargetType())));
            case InputCoercionException tooLarge ->
                List.of(told(field, "is a number beyond what %s can be", Words.needed(tooLarge.getTargetType())));
            case MismatchedInputException mismatch ->
                List.of(told(field, "must be %s", needed(field, mismatch.getTargetType())));
            case DatabindException other -> List.of(told(field, "cannot be read"));
            default -> List.of();
        };
    }

    private static FieldError told(String field, String detail, String... arguments) {
        return new FieldError(field, "%s %s".formatted(field, detail.formatted((Object[]) arguments)));
    }

    private static FieldError kind(String field, InvalidTypeIdException failure) {
        Class<?> base = failure.getBaseType().getRawClass();
        String kinds = Subtypes.of(base);
        return failure.getTypeId() == null || kinds == null
                ? told(field, "must be %s", Words.needed(base))
                : told(field + ".type", "is '%s', %s is needed", Words.shortened(failure.getTypeId()), kinds);
    }

    /** What a body must be that is read into a record. */
    static String neededBody(Class<?> type) {
        String example = RequestFields.example(type);
        return example.equals("{}") ? "an object" : "an object such as " + example;
    }

    private static String needed(String field, @Nullable Class<?> type) {
        return field.equals(BODY) && type != null && type.isRecord() ? neededBody(type) : Words.needed(type);
    }

    /** The parser's message without its hints to programmers. */
    private static String withoutJava(String message) {
        return FOR_PROGRAMMERS.matcher(message).replaceAll("");
    }

    private static String path(String parent, JacksonException failure) {
        StringBuilder path = new StringBuilder(parent);
        for (JacksonException.Reference step : failure.getPath()) {
            if (step.getPropertyName() != null) {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            } else {
                path.append('[').append(step.getIndex()).append(']');
            }
        }
        return path.toString();
    }
}
