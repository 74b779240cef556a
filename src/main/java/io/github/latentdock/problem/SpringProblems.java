package io.github.latentdock.problem;

import io.github.latentdock.problem.Problem.FieldError;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.multipart.MultipartException;
import tools.jackson.core.JacksonException;

/** What Spring and Tomcat find wrong with a request, in our words. */
final class SpringProblems {

    private SpringProblems() {}

    static Problem of(MethodArgumentTypeMismatchException mismatch) {
        Class<?> type = mismatch.getRequiredType();
        // In a body choices are written small, in a query as they are answered.
        String needed =
                type != null && type.isEnum() ? Words.oneOf(List.of(type.getEnumConstants())) : Words.needed(type);
        return Problem.malformed(
                mismatch.getName(),
                "%s is '%s', %s is needed"
                        .formatted(mismatch.getName(), Words.shortened(String.valueOf(mismatch.getValue())), needed));
    }

    /** Tomcat's, wherever a query or a form is first looked at. */
    static Problem of(InvalidParameterException invalid) {
        return invalid.getErrorCode() == HttpStatus.CONTENT_TOO_LARGE.value()
                ? Problem.of(Fault.TOO_LARGE, "The request has more parameters or parts than the service takes")
                : Problem.of(Fault.MALFORMED, "The query cannot be read: % needs two hexadecimal digits after it");
    }

    static Problem of(MultipartException failure) {
        return isOfDisk(failure)
                ? Problem.of(Fault.UNAVAILABLE, "The service cannot store the upload now")
                : Problem.of(
                        Fault.MALFORMED,
                        "The multipart body cannot be read: its boundary is missing, or a part is malformed or cut off");
    }

    /** A temporary file could not be made or written, as opposed to a body that could not be read. */
    private static boolean isOfDisk(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof FileNotFoundException
                    || cause instanceof FileSystemException
                    || (cause instanceof IOException && "No space left on device".equals(cause.getMessage()))) {
                return true;
            }
        }
        return false;
    }

    static Problem of(HttpMessageNotReadableException unreadable) {
        return unreadable.getCause() instanceof JacksonException json
                ? UnreadableJson.of(json)
                : Problem.of(Fault.MALFORMED, "The body is missing or cannot be read");
    }

    static Problem of(MethodArgumentNotValidException invalid) {
        List<FieldError> errors = new ArrayList<>();
        invalid.getBindingResult()
                .getFieldErrors()
                .forEach(error -> errors.add(error(
                        error.getField(),
                        Words.shortened(String.valueOf(error.getRejectedValue())),
                        error.getDefaultMessage())));
        return Problem.of(Fault.INVALID, errors);
    }

    static Problem of(HandlerMethodValidationException invalid) {
        List<FieldError> errors = new ArrayList<>();
        invalid.getParameterValidationResults().forEach(result -> {
            String name = String.valueOf(result.getMethodParameter().getParameterName());
            result.getResolvableErrors()
                    .forEach(error -> errors.add(error(
                            name, Words.shortened(String.valueOf(result.getArgument())), error.getDefaultMessage())));
        });
        return Problem.of(Fault.INVALID, errors);
    }

    private static FieldError error(String field, String value, @Nullable String bound) {
        return new FieldError(field, "%s is %s, it %s".formatted(field, value, bound));
    }

    static Problem of(HttpMediaTypeNotSupportedException unsupported) {
        return Problem.of(
                Fault.UNSUPPORTED_CONTENT,
                "The content type %s; %s is needed%s"
                        .formatted(
                                unsupported.getContentType() == null
                                        ? "is missing or malformed"
                                        : Words.shortened(String.valueOf(unsupported.getContentType()))
                                                + " is not read here",
                                Words.oneOf(unsupported.getSupportedMediaTypes()),
                                MediaType.APPLICATION_FORM_URLENCODED.isCompatibleWith(unsupported.getContentType())
                                        ? "; curl sends that unless it is told another, such as -H 'Content-Type: %s'"
                                                .formatted(unsupported
                                                        .getSupportedMediaTypes()
                                                        .getFirst())
                                        : ""));
    }

    static Problem of(HttpMediaTypeNotAcceptableException notAcceptable) {
        return Problem.of(
                Fault.NOT_ACCEPTABLE,
                "The answer can be %s; Accept names none of it"
                        .formatted(Words.oneOf(notAcceptable.getSupportedMediaTypes())));
    }
}
