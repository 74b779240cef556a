package io.github.latentdock.problem;

import io.github.latentdock.problem.Problem.FieldError;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DatabindException;

/** An object has fields that nobody knows. Thrown by Jackson, which alone tells where in the document the object is. */
final class UnknownFields extends DatabindException {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial")
    private final List<String> names;

    @SuppressWarnings("serial")
    private final SortedSet<String> known;

    @SuppressWarnings("serial")
    private final List<String> missing;

    /** @param missing those that must be there and are not */
    UnknownFields(JsonParser parser, List<String> names, SortedSet<String> known, List<String> missing) {
        super(parser, "There is no field " + names.getFirst());
        this.names = names;
        this.known = known;
        this.missing = missing;
    }

    /** @param path of the object, empty for the document itself */
    List<FieldError> errors(String path) {
        String before = path.isEmpty() ? "" : path + ".";
        return Stream.concat(
                        names.stream().map(name -> unknown(before + Words.shortened(name))),
                        missing.stream().map(name -> new FieldError(before + name, before + name + " is missing")))
                .toList();
    }

    private FieldError unknown(String field) {
        return new FieldError(
                field,
                known.isEmpty()
                        ? "There is no field %s; there are none".formatted(field)
                        : "There is no field %s; there %s %s"
                                .formatted(field, known.size() == 1 ? "is" : "are", String.join(", ", known)));
    }
}
