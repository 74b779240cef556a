package io.github.latentdock.inference;

import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.Tensor;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: when it must be answered, whether anybody still waits for it, and how long it has waited for a lane
 * and run on one. Made by the request's own thread.
 */
final class Call {

    private final Duration timeout;
    private final long deadline;
    private final BooleanSupplier clientGone;
    private final LongConsumer memory;
    private final AtomicLong queueNanos = new AtomicLong();
    private final AtomicLong inferNanos = new AtomicLong();
    private final Thread owner = Thread.currentThread();
    private volatile @Nullable RuntimeException end;

    Call(Duration timeout, BooleanSupplier clientGone) {
        this(timeout, clientGone, bytes -> {});
    }

    /** @param memory told before the request takes so many bytes more; throws when they are not there */
    Call(Duration timeout, BooleanSupplier clientGone, LongConsumer memory) {
        this.timeout = timeout;
        this.deadline = System.nanoTime() + timeout.toNanos();
        this.clientGone = clientGone;
        this.memory = memory;
    }

    /** @throws Problem OVERLOADED or TOO_LARGE when there is no room for so many rows of float32 of a shape */
    void makeRoom(int rows, int... rowShape) {
        memory.accept(Float.BYTES * rows * Tensor.size(rowShape));
    }

    /** Whether it still makes sense to compute for this request. */
    boolean isWanted() {
        return end == null && remainingNanos() > 0;
    }

    long remainingNanos() {
        return deadline - System.nanoTime();
    }

    /** Looks at the connection, which only the request's own thread may do: whoever else asks is told that the client is there. */
    boolean clientIsGone() {
        return Thread.currentThread() == owner && clientGone.getAsBoolean();
    }

    /** Nobody waits for the answer any more. */
    void abandon() {
        giveUp(new ClientGoneException());
    }

    /** Ends the request; what runs for it stops soon, and it is answered with the reason. */
    void giveUp(RuntimeException reason) {
        end = reason;
    }

    /** What a request that is not wanted any more is answered with. */
    RuntimeException whyUnwanted() {
        RuntimeException reason = end;
        return reason == null ? deadlineExceeded() : reason;
    }

    void waited(long nanos) {
        queueNanos.addAndGet(nanos);
    }

    void ran(long nanos) {
        inferNanos.addAndGet(nanos);
    }

    /** The value of the {@code Server-Timing} header, in milliseconds. */
    String serverTiming() {
        return millis(
                        millis(new StringBuilder(48).append("queue;dur="), queueNanos.get())
                                .append(", infer;dur="),
                        inferNanos.get())
                .toString();
    }

    /** With three decimals; a format string would cost more than the rest of the header. */
    private static StringBuilder millis(StringBuilder text, long nanos) {
        long micros = (nanos + 500) / 1000;
        String decimals = String.valueOf(1000 + micros % 1000);
        return text.append(micros / 1000).append('.').append(decimals, 1, 4);
    }

    Problem deadlineExceeded() {
        return Problem.of(
                Fault.DEADLINE_EXCEEDED,
                "The answer was not there within %d ms; X-Timeout-Ms asks for more".formatted(timeout.toMillis()));
    }
}
