package io.github.latentdock.inference;

import ai.djl.pytorch.jni.JniUtils;
import io.github.latentdock.inference.LaneQueue.Claim;
import io.github.latentdock.inference.LaneQueue.Task;
import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * A fixed pool of platform threads that run native code. An idle lane takes the queue whose oldest request has waited longest,
 * at once; what else waits in that queue goes with it as one batch. Long work holds all lanes but one at the most.
 */
@Component
final class Lanes implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Lanes.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Set<LaneQueue<?, ?>> pending = new LinkedHashSet<>();
    private final List<Thread> threads = new ArrayList<>();
    private final InferenceMeters meters;
    private final int longLimit;
    private int longRunning;
    private boolean lastWasLong;
    private int busy;
    private boolean closed;

    Lanes(InferenceProperties properties, InferenceMeters meters) {
        this.meters = meters;
        int count = properties.laneCount();
        longLimit = Math.max(1, count - 1);
        meters.gaugeBusyLanes(this::busy);
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofPlatform().name("lane-" + i).daemon().start(this::work));
        }
    }

    /**
     * Queues a request and waits for its answer.
     *
     * @throws Problem OVERLOADED when the queue is full, DEADLINE_EXCEEDED when the answer was not there in time, or what the
     *     computation found wrong
     */
    <I, O> O call(LaneQueue<I, O> queue, I input, int rows, Call call) {
        var task = new Task<I, O>(input, rows, call);
        lock.lock();
        try {
            if (closed) {
                throw shuttingDown();
            }
            if (!queue.offer(task)) {
                meters.rejected("queue-full");
                throw Problem.of(
                        Fault.OVERLOADED,
                        "%d rows wait for %s of model '%s' and %d more do not fit into its queue of %d; try again later"
                                .formatted(
                                        queue.waitingRows(),
                                        queue.operation,
                                        queue.model.name(),
                                        rows,
                                        queue.capacityRows()));
            }
            pending.add(queue);
            work.signal();
        } finally {
            lock.unlock();
        }
        return await(queue, task);
    }

    /** The rows that wait in a queue. */
    int waitingRows(LaneQueue<?, ?> queue) {
        lock.lock();
        try {
            return queue.waitingRows();
        } finally {
            lock.unlock();
        }
    }

    private <I, O> O await(LaneQueue<I, O> queue, Task<I, O> task) {
        try {
            return task.call.await(task.answer);
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case Problem problem -> meters.counted(problem);
                case ClientGoneException gone -> meters.counted(gone);
                case null, default ->
                    new IllegalStateException(
                            "%s of model '%s' failed".formatted(queue.operation, queue.model.name()), e.getCause());
            };
        } catch (RuntimeException unwanted) {
            abandon(queue, task);
            throw meters.counted(unwanted);
        }
    }

    private static Problem shuttingDown() {
        return Problem.of(Fault.UNAVAILABLE, "The service is shutting down");
    }

    private <I, O> void abandon(LaneQueue<I, O> queue, Task<I, O> task) {
        task.call.abandon();
        task.end();
        lock.lock();
        try {
            queue.remove(task);
            forgetIfEmpty(queue);
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        for (Claim<?, ?> claim = next(); claim != null; claim = next()) {
            run(claim);
        }
    }

    /** Waits for work that a lane may take now; null when the lanes are closed. */
    private @Nullable Claim<?, ?> next() {
        lock.lock();
        try {
            while (!closed) {
                LaneQueue<?, ?> oldest = oldest();
                if (oldest != null) {
                    busy++;
                    longRunning += oldest.isLong ? 1 : 0;
                    lastWasLong = oldest.isLong;
                    Claim<?, ?> claim = oldest.claim();
                    forgetIfEmpty(oldest);
                    return claim;
                }
                work.awaitUninterruptibly();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** The queue to be served next. Where there is only one lane, one short batch goes between any two long ones. */
    private @Nullable LaneQueue<?, ?> oldest() {
        LaneQueue<?, ?> shortOne = threads.size() == 1 && lastWasLong ? oldest(false) : null;
        return shortOne == null ? oldest(longRunning < longLimit) : shortOne;
    }

    private @Nullable LaneQueue<?, ?> oldest(boolean longToo) {
        LaneQueue<?, ?> oldest = null;
        long since = Long.MAX_VALUE;
        long now = System.nanoTime();
        for (LaneQueue<?, ?> queue : pending) {
            Task<?, ?> head = queue.oldest();
            if (head != null && (longToo || !queue.isLong) && head.queued - now < since) {
                oldest = queue;
                since = head.queued - now;
            }
        }
        return oldest;
    }

    private <I, O> void run(Claim<I, O> claim) {
        LaneQueue<I, O> queue = claim.queue();
        List<Task<I, O>> tasks = claim.tasks();
        try {
            tasks.removeIf(task -> !task.call.isWanted());
            if (!tasks.isEmpty()) {
                runHeld(queue, tasks);
            }
        } catch (Throwable failure) {
            log.error("A lane failed and goes on with the next batch", failure);
            tasks.forEach(task -> task.fail(failure));
        } finally {
            done(queue);
        }
    }

    /** Every task's request holds the model, but may let go of it while the batch runs. */
    private <I, O> void runHeld(LaneQueue<I, O> queue, List<Task<I, O>> tasks) {
        if (!queue.model.retain()) {
            var unloaded = Problem.of(
                    Fault.UNAVAILABLE,
                    "Version %d of model '%s' has been unloaded".formatted(queue.model.version(), queue.model.name()));
            tasks.forEach(task -> task.fail(unloaded));
            return;
        }
        try {
            // TorchScript's profiling executor recompiles on every new batch size; the switch is per thread.
            JniUtils.setGraphExecutorOptimize(false);
            measure(queue, tasks);
            queue.run(tasks);
        } finally {
            queue.model.release();
        }
    }

    private <I, O> void measure(LaneQueue<I, O> queue, List<Task<I, O>> tasks) {
        long now = System.nanoTime();
        int rows = 0;
        for (Task<I, O> task : tasks) {
            task.begin(now);
            meters.queued(queue.model.name(), queue.operation, now - task.queued);
            rows += task.rows;
        }
        meters.batch(queue.model.name(), queue.operation, rows);
    }

    private void forgetIfEmpty(LaneQueue<?, ?> queue) {
        if (queue.oldest() == null) {
            pending.remove(queue);
        }
    }

    private void done(LaneQueue<?, ?> queue) {
        lock.lock();
        try {
            busy--;
            longRunning -= queue.isLong ? 1 : 0;
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private int busy() {
        lock.lock();
        try {
            return busy;
        } finally {
            lock.unlock();
        }
    }

    /** Lets what runs run to its end; what still waits is refused. */
    @Override
    public void close() throws InterruptedException {
        lock.lock();
        try {
            closed = true;
            pending.forEach(queue -> queue.refuse(shuttingDown()));
            pending.clear();
            work.signalAll();
        } finally {
            lock.unlock();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
