package io.github.latentdock.inference;

import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.Tensor;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: when it must be answered, whether anybody still waits for it, and how long it has waited for a lane
 * and run on one. Made by the request's own thread.
 */
final class Call {

    /** How often a waiting request looks whether its client is still there. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

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
    void makeRoom(long rows, int... rowShape) {
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

    /**
     * Waits for what another thread works out, as long as somebody waits for this request.
     *
     * @throws RuntimeException {@link #whyUnwanted} when nobody does any more
     * @throws ExecutionException when there is no result
     */
    <T> T await(Future<T> result) throws ExecutionException {
        while (true) {
            try {
                return result.get(Math.clamp(remainingNanos(), 0, LOOK_NANOS), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (clientIsGone()) {
                    abandon();
                }
                if (!isWanted()) {
                    throw whyUnwanted();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Problem.of(Fault.UNAVAILABLE, "The service is shutting down");
            }
        }
    }

    /** As {@link #await}, for what is worked out for others as well: for this request, that is waiting. */
    <T> T awaitOthers(Future<T> result) throws ExecutionException {
        long start = System.nanoTime();
        try {
            return await(result);
        } finally {
            waited(System.nanoTime() - start);
        }
    }

    /** Nobody waits for the answer any more. */
    void abandon() {
        giveUp(new ClientGoneException());
    }

    /** Ends the request; what runs for it stops soon, and it is answered with the reason. */
    void giveUp(RuntimeException reason) {
        end = reason;
    }

    /** Why the request was ended before its time, if it was. */
    @Nullable
    RuntimeException givenUp() {
        return end;
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
        return millis(queueTiming(new StringBuilder(48)).append(", infer;dur="), inferNanos.get())
                .toString();
    }

    /** The part of it that is known when the first lane was reached. */
    String queueTiming() {
        return queueTiming(new StringBuilder(24)).toString();
    }

    private StringBuilder queueTiming(StringBuilder text) {
        return millis(text.append("queue;dur="), queueNanos.get());
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
