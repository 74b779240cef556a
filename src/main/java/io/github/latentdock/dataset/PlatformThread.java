package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Computes for long on a thread of its own. Requests have virtual threads, which leave the few threads that carry them only when
 * they wait: two uploads that are converted would keep all other requests from being answered. No more than two are, the others
 * wait.
 */
final class PlatformThread {

    /** Each may take its size on the disk twice more, and decoded pictures in memory. */
    private static final Semaphore TURNS = new Semaphore(2, true);

    private PlatformThread() {}

    /** @throws RuntimeException whatever the work throws */
    static <T> T run(String name, Supplier<T> work) {
        var task = new FutureTask<>(work::get);
        try {
            TURNS.acquire();
            try {
                Thread.ofPlatform()
                        .name(name)
                        .priority(Thread.MIN_PRIORITY)
                        .daemon()
                        .start(task);
                return task.get();
            } finally {
                TURNS.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.of(Fault.UNAVAILABLE, "The service is shutting down");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
