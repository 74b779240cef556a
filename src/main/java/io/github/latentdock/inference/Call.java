package io.github.latentdock.inference;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * One request on its way: when it must be answered, whether anybody still waits for it, and how long it has waited for a lane
 * and run on one.
 */
final class Call {

    private final Duration timeout;
    private final long deadline;
    private final BooleanSupplier clientGone;
    private final AtomicLong queueNanos = new AtomicLong();
    private final AtomicLong inferNanos = new AtomicLong();
    private volatile boolean abandoned;

    Call(Duration timeout, BooleanSupplier clientGone) {
        this.timeout = timeout;
        this.deadline = System.nanoTime() + timeout.toNanos();
        this.clientGone = clientGone;
    }

    /** Whether it still makes sense to compute for this request. */
    boolean isWanted() {
        return !abandoned && remainingNanos() > 0;
    }

    long remainingNanos() {
        return deadline - System.nanoTime();
    }

    boolean clientIsGone() {
        return clientGone.getAsBoolean();
    }

    void abandon() {
        abandoned = true;
    }

    void waited(long nanos) {
        queueNanos.addAndGet(nanos);
    }

    void ran(long nanos) {
        inferNanos.addAndGet(nanos);
    }

    /** The value of the {@code Server-Timing} header, in milliseconds. */
    String serverTiming() {
        return String.format(
                Locale.ROOT, "queue;dur=%.3f, infer;dur=%.3f", queueNanos.get() / 1e6, inferNanos.get() / 1e6);
    }

    Problem deadlineExceeded() {
        return Problem.of(
                Fault.DEADLINE_EXCEEDED,
                "The answer was not there within %d ms; X-Timeout-Ms asks for more".formatted(timeout.toMillis()));
    }
}
