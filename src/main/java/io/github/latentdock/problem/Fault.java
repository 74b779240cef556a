package io.github.latentdock.problem;

import java.util.Locale;

/** The kinds of things that go wrong, each of which a caller must be able to tell from the others. */
public enum Fault {
    /** The request cannot be read: broken JSON, a text where a number belongs, a truncated picture. */
    MALFORMED,
    /** No such model, version, alias, dataset or path. */
    NOT_FOUND,
    /** The model is there, but a model of its kind cannot do what was asked. */
    UNSUPPORTED_OPERATION,
    /** What was asked contradicts what is there, such as a version that exists already. */
    CONFLICT,
    /** More rows, bytes or iterations than the service takes at once. */
    TOO_LARGE,
    /** The body of the request took too long to arrive. */
    REQUEST_TIMEOUT,
    /** The content type of the request is not one that the operation reads. */
    UNSUPPORTED_CONTENT,
    /** None of the accepted content types can hold the answer. */
    NOT_ACCEPTABLE,
    /** The request can be read, but a value in it is wrong: a shape, a NaN, a bound. */
    INVALID,
    /** The queue is full; try again later. */
    OVERLOADED,
    /** The model or the service is not ready, or is going away. */
    UNAVAILABLE,
    /** The request's deadline passed before its answer was there. */
    DEADLINE_EXCEEDED;

    /** The URI that names this kind of fault in problem details. */
    public String type() {
        return "urn:latentdock:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
