package io.github.latentdock.training;

/** Where a training is. {@link Transition} has the ways from one to another. */
enum Status {
    /** Waits for a worker. */
    QUEUED,
    /** A worker trains it. */
    RUNNING,
    /** Is told to stop, and will within a batch. */
    CANCELLING,
    /** Was stopped; can be resumed. */
    CANCELLED,
    /** Made a version. */
    SUCCEEDED,
    /** Cannot go on; can be resumed once the reason is mended. */
    FAILED;

    /** Whether nothing more happens by itself. */
    boolean ended() {
        return this == CANCELLED || this == SUCCEEDED || this == FAILED;
    }
}
