package io.github.latentdock.problem;

import java.util.List;

/**
 * Something that went wrong in a way that a caller can understand and act on. Its message says what was given and what would be
 * right; {@link #errors()} name the fields.
 */
public final class Problem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** A field of the request and what is wrong with it. The field is written like a path: {@code instances[3]}. */
    public record FieldError(String field, String detail) {}

    private final Fault fault;

    @SuppressWarnings("serial")
    private final List<FieldError> errors;

    private Problem(Fault fault, String detail, List<FieldError> errors) {
        super(detail, null, false, false);
        this.fault = fault;
        this.errors = List.copyOf(errors);
    }

    public static Problem of(Fault fault, String detail) {
        return new Problem(fault, detail, List.of());
    }

    public static Problem of(Fault fault, String field, String detail) {
        return new Problem(fault, detail, List.of(new FieldError(field, detail)));
    }

    /** Several fields at once; the detail is the first one's, and how many more there are. */
    public static Problem of(Fault fault, List<FieldError> errors) {
        String first = errors.getFirst().detail();
        return new Problem(
                fault, errors.size() == 1 ? first : "%s; and %d more".formatted(first, errors.size() - 1), errors);
    }

    public static Problem malformed(String field, String detail) {
        return of(Fault.MALFORMED, field, detail);
    }

    public static Problem invalid(String field, String detail) {
        return of(Fault.INVALID, field, detail);
    }

    public Fault fault() {
        return fault;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    public List<FieldError> errors() {
        return errors;
    }
}
