package io.github.latentdock.training;

import static io.github.latentdock.training.Status.CANCELLED;
import static io.github.latentdock.training.Status.CANCELLING;
import static io.github.latentdock.training.Status.FAILED;
import static io.github.latentdock.training.Status.QUEUED;
import static io.github.latentdock.training.Status.RUNNING;
import static io.github.latentdock.training.Status.SUCCEEDED;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The only ways from one status to another. Each is an update of one row, on the condition that the status is one of
 * {@link #from} and, where a worker makes it, that the attempt is still the worker's own; {@link Trainings} and {@link HeldTrainings} make no other.
 */
enum Transition {
    /** A worker takes it from the queue. */
    BEGIN(RUNNING, QUEUED),
    /** A worker takes it from one that died. */
    TAKE_OVER(RUNNING, RUNNING),
    /** A worker takes it from one that died before it stopped. */
    TAKE_OVER_CANCELLED(CANCELLING, CANCELLING),
    /** A worker that has to go puts it back. */
    GIVE_BACK(QUEUED, RUNNING),
    /** A worker published its version. */
    SUCCEED(SUCCEEDED, RUNNING),
    /** A worker finds that one before it published the version and died. */
    ADOPT(SUCCEEDED, RUNNING, CANCELLING),
    /** A worker cannot go on. */
    FAIL(FAILED, RUNNING),
    /** A request ends what no worker has begun. */
    CANCEL_QUEUED(CANCELLED, QUEUED),
    /** A request tells the worker to stop. */
    CANCEL_RUNNING(CANCELLING, RUNNING),
    /** The worker stopped. */
    STOP(CANCELLED, CANCELLING),
    /** A request sends it back to the queue. */
    RESUME(QUEUED, FAILED, CANCELLED);

    private final Status to;
    private final Set<Status> from;

    Transition(Status to, Status... from) {
        this.to = to;
        this.from = EnumSet.copyOf(List.of(from));
    }

    Status to() {
        return to;
    }

    Set<Status> from() {
        return from;
    }
}
