package io.github.latentdock.inference;

import io.github.latentdock.problem.Problem;
import org.jspecify.annotations.Nullable;

/** Fields that a request must have. */
final class Required {

    private Required() {}

    /** @throws Problem INVALID when the field is missing */
    static void field(String name, @Nullable Object value) {
        if (value == null) {
            throw Problem.invalid(name, "%s is missing".formatted(name));
        }
    }
}
