package io.github.latentdock.inference;

import io.github.latentdock.problem.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for one operation of one model, first come, first served. All of it is guarded by the lock of the
 * {@link Lanes} it belongs to.
 *
 * @param <I> what a request gives
 * @param <O> what it is answered with
 */
final class LaneQueue<I, O> {

    /** Computes the answers of some requests together, one for each, in their order; runs on a lane. */
    @FunctionalInterface
    interface Batch<I, O> {
        List<O> run(List<Task<I, O>> tasks) throws Exception;
    }

    /** One request's share of a batch. It tells its {@link Call} how long it waited and ran, before it is answered or given up. */
    static final class Task<I, O> {
        final I input;
        final int rows;
        final Call call;
        final long queued = System.nanoTime();
        final CompletableFuture<O> answer = new CompletableFuture<>();
        private long began;
        private boolean hasBegun;
        private boolean hasEnded;

        Task(I input, int rows, Call call) {
            this.input = input;
            this.rows = rows;
            this.call = call;
        }

        /** A lane has taken it. */
        synchronized void begin(long now) {
            if (!hasEnded) {
                hasBegun = true;
                began = now;
                call.waited(now - queued);
            }
        }

        /** Nothing after this is its time any more: a lane may go on with what nobody waits for. */
        synchronized void end() {
            if (!hasEnded) {
                hasEnded = true;
                if (hasBegun) {
                    call.ran(System.nanoTime() - began);
                } else {
                    call.waited(System.nanoTime() - queued);
                }
            }
        }

        void answer(O given) {
            end();
            answer.complete(given);
        }

        void fail(Throwable failure) {
            end();
            answer.completeExceptionally(failure);
        }
    }

    final LoadedModel model;
    final String operation;
    /** Work that may take seconds leaves one lane to the others. */
    final boolean isLong;

    private final int capacityRows;
    private final int batchRows;
    private final Batch<I, O> batch;
    private final Deque<Task<I, O>> waiting = new ArrayDeque<>();
    private int waitingRows;

    LaneQueue(LoadedModel model, String operation, boolean isLong, int capacityRows, int batchRows, Batch<I, O> batch) {
        this.model = model;
        this.operation = operation;
        this.isLong = isLong;
        this.capacityRows = capacityRows;
        this.batchRows = batchRows;
        this.batch = batch;
    }

    int capacityRows() {
        return capacityRows;
    }

    int waitingRows() {
        return waitingRows;
    }

    boolean offer(Task<I, O> task) {
        if (waitingRows + task.rows > capacityRows) {
            return false;
        }
        waiting.addLast(task);
        waitingRows += task.rows;
        return true;
    }

    boolean remove(Task<I, O> task) {
        boolean removed = waiting.remove(task);
        waitingRows -= removed ? task.rows : 0;
        return removed;
    }

    @Nullable
    Task<I, O> oldest() {
        return waiting.peekFirst();
    }

    /** What a lane took to run. */
    record Claim<I, O>(LaneQueue<I, O> queue, List<Task<I, O>> tasks) {}

    /** Takes the oldest requests that fit into one batch, at least one. Long work goes alone. */
    Claim<I, O> claim() {
        List<Task<I, O>> taken = new ArrayList<>();
        int rows = 0;
        for (Task<I, O> next = waiting.peekFirst(); next != null; next = waiting.peekFirst()) {
            if (!taken.isEmpty() && (isLong || rows + next.rows > batchRows)) {
                break;
            }
            taken.add(waiting.removeFirst());
            rows += next.rows;
        }
        waitingRows -= rows;
        return new Claim<>(this, taken);
    }

    /** Answers everything that waits with a problem. */
    void refuse(Problem problem) {
        waiting.forEach(task -> task.fail(problem));
        waiting.clear();
        waitingRows = 0;
    }

    /** Runs a batch. If it fails, each request is tried alone, so that only the one at fault fails. */
    void run(List<Task<I, O>> tasks) {
        try {
            List<O> answers = batch.run(tasks);
            for (int i = 0; i < tasks.size(); i++) {
                tasks.get(i).answer(answers.get(i));
            }
        } catch (Throwable failure) {
            if (tasks.size() == 1) {
                tasks.getFirst().fail(failure);
            } else {
                tasks.stream().filter(task -> task.call.isWanted()).forEach(task -> run(List.of(task)));
            }
        }
    }
}
