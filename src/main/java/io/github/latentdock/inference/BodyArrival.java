package io.github.latentdock.inference;

import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One request's body after the other, as they arrive on a connection. Its thread may hang in a read when it is to wait no longer:
 * {@link #look} is for another thread, which then ends the connection's input.
 */
final class BodyArrival {

    /** Says why a body is not waited for any more. Asked by several threads, one at a time. */
    @FunctionalInterface
    interface Patience {

        Patience ENDLESS = bytesSoFar -> null;

        @Nullable
        RuntimeException end(long bytesSoFar);
    }

    @FunctionalInterface
    interface Read {
        int read() throws IOException;
    }

    private final LongSupplier bytesSoFar;
    private final Runnable endInput;
    private Patience patience = Patience.ENDLESS;
    private boolean waiting;
    private @Nullable RuntimeException end;
    private @Nullable IOException failure;

    /** @param endInput lets a read that waits return at once */
    BodyArrival(LongSupplier bytesSoFar, Runnable endInput) {
        this.bytesSoFar = bytesSoFar;
        this.endInput = endInput;
    }

    /** Another request begins. */
    synchronized void begin() {
        patience = Patience.ENDLESS;
        waiting = false;
        end = null;
        failure = null;
    }

    synchronized void watch(Patience other) {
        patience = other;
    }

    /** From now on something reads of which nobody is told, until {@link #begin}. */
    synchronized void waitFor(Patience other) {
        patience = other;
        waiting = true;
    }

    synchronized void look() {
        if (waiting && ask() != null) {
            endInput.run();
        }
    }

    /**
     * Reads unless, or until, the body is not waited for any more. A read that failed fails from then on: whoever tries again after
     * a time-out would wait for another one.
     *
     * @throws RuntimeException why the body is not waited for
     */
    int read(Read body) throws IOException {
        synchronized (this) {
            ask();
            requireGoingOn();
            waiting = true;
        }
        int count = -1;
        try {
            count = body.read();
        } catch (IOException e) {
            fail(e);
        } finally {
            stopWaiting();
        }
        requireGoingOn();
        return count;
    }

    private synchronized void fail(IOException reason) {
        failure = reason;
    }

    private synchronized void stopWaiting() {
        waiting = false;
    }

    private synchronized void requireGoingOn() throws IOException {
        if (end != null) {
            throw end;
        }
        if (failure != null) {
            throw failure;
        }
    }

    private @Nullable RuntimeException ask() {
        if (end == null) {
            end = patience.end(bytesSoFar.getAsLong());
        }
        return end;
    }
}
