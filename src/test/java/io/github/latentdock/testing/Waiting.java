package io.github.latentdock.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another process or thread does, as long as it must and no longer. */
public final class Waiting {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Waiting() {}

    public static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("after %s it is not so that %s".formatted(LIMIT, what));
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
