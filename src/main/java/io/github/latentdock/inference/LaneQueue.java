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

    /** One request's share of a batch. */
    static final class Task<I, O> {
        final I input;
        final int rows;
        final Call call;
        final long queued = System.nanoTime();
        final CompletableFuture<O> answer = new CompletableFuture<>();

        Task(I input, int rows, Call call) {
            this.input = input;
            this.rows = rows;
            this.call = call;
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
        waiting.forEach(task -> task.answer.completeExceptionally(problem));
        waiting.clear();
        waitingRows = 0;
    }

    /** Runs a batch. If it fails, each request is tried alone, so that only the one at fault fails. */
    void run(List<Task<I, O>> tasks) {
        long start = System.nanoTime();
        try {
            List<O> answers = batch.run(tasks);
            long took = System.nanoTime() - start;
            for (int i = 0; i < tasks.size(); i++) {
                tasks.get(i).call.ran(took);
                tasks.get(i).answer.complete(answers.get(i));
            }
        } catch (Throwable failure) {
            if (tasks.size() == 1) {
                tasks.getFirst().answer.completeExceptionally(failure);
            } else {
                tasks.stream().filter(task -> task.call.isWanted()).forEach(task -> run(List.of(task)));
            }
        }
    }
}
