package io.github.latentdock.inference;

import io.github.latentdock.inference.LaneQueue.Task;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/**
 * Answers {@code a} with {@code A}, when it is let. Batches that hold {@code bad} fail, those that hold {@code error} throw an
 * error of the virtual machine.
 */
final class Gate implements LaneQueue.Batch<String, String> {

    /** What went through together, in order. */
    final List<List<String>> batches = new CopyOnWriteArrayList<>();

    private final Semaphore open = new Semaphore(0);

    /** A gate that lets everything through. */
    static Gate open() {
        var gate = new Gate();
        gate.letAll();
        return gate;
    }

    void letAll() {
        open.release(Integer.MAX_VALUE / 2);
    }

    @Override
    public List<String> run(List<Task<String, String>> tasks) throws InterruptedException {
        List<String> inputs = tasks.stream().map(task -> task.input).toList();
        batches.add(inputs);
        open.acquire();
        if (inputs.contains("error")) {
            throw new StackOverflowError("deep");
        }
        if (inputs.contains("bad")) {
            throw new IllegalArgumentException("bad input");
        }
        return inputs.stream().map(Gate::answer).toList();
    }

    static String answer(String input) {
        return input.toUpperCase(java.util.Locale.ROOT);
    }
}
