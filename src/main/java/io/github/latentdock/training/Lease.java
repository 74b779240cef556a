package io.github.latentdock.training;

/**
 * A worker's right to write about a training: the number of its run. Whoever takes over raises the number, and from then on no
 * write of the worker before finds a row.
 */
record Lease(String training, int attempt) {

    /** Somebody else has the training now, so this worker must neither write nor publish anything any more. */
    static final class Lost extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Lost(Lease lease) {
            super(
                    "Training %s is no longer in attempt %d".formatted(lease.training(), lease.attempt()),
                    null,
                    false,
                    false);
        }
    }

    /** The training is still the worker's own, but somebody cancelled it. */
    static final class Cancelled extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Cancelled(Lease lease) {
            super("Training %s is cancelled".formatted(lease.training()), null, false, false);
        }
    }
}
