package io.github.latentdock.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.inference.LaneQueue.Task;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Runs the rows of several requests through a network as one batch, in slices that bound the memory of its activations. Every
 * slice has one manager, closed where it was opened.
 */
final class NetworkBatch implements LaneQueue.Batch<Tensor, List<Tensor>> {

    private final NDManager manager;
    private final Function<NDArray, List<NDArray>> network;
    private final String input;
    private final int sliceRows;

    /**
     * @param network from {@code [n, …row shape]} to one or more arrays of n rows
     * @param input what clients call the rows that go in, for problems
     */
    NetworkBatch(NDManager manager, Function<NDArray, List<NDArray>> network, String input, int sliceRows) {
        this.manager = manager;
        this.network = network;
        this.input = input;
        this.sliceRows = sliceRows;
    }

    @Override
    public List<List<Tensor>> run(List<Task<Tensor, List<Tensor>>> tasks) {
        List<Tensor> outputs =
                forward(concatenated(tasks.stream().map(task -> task.input).toList()));
        if (tasks.size() == 1) {
            return List.of(finite(outputs));
        }
        List<List<Tensor>> answers = new ArrayList<>();
        int from = 0;
        for (Task<Tensor, List<Tensor>> task : tasks) {
            int first = from;
            answers.add(finite(outputs.stream()
                    .map(output -> rows(output, first, task.rows))
                    .toList()));
            from += task.rows;
        }
        return answers;
    }

    /** All rows through the network, slice by slice. */
    List<Tensor> forward(Tensor x) {
        List<Tensor> outputs = new ArrayList<>();
        for (int from = 0; from < x.rows(); from += sliceRows) {
            int rows = Math.min(sliceRows, x.rows() - from);
            try (NDManager slice = manager.newSubManager()) {
                FloatBuffer values = FloatBuffer.wrap(x.values(), from * x.rowSize(), rows * x.rowSize());
                List<NDArray> arrays = network.apply(slice.create(values.slice(), shape(rows, x.rowShape())));
                for (int i = 0; i < arrays.size(); i++) {
                    NDArray array = arrays.get(i);
                    if (from == 0) {
                        outputs.add(empty(x.rows(), array.getShape()));
                    }
                    Tensor output = outputs.get(i);
                    array.toByteBuffer(true)
                            .asFloatBuffer()
                            .get(output.values(), from * output.rowSize(), rows * output.rowSize());
                }
            }
        }
        return outputs;
    }

    private List<Tensor> finite(List<Tensor> outputs) {
        for (Tensor output : outputs) {
            float[] values = output.values();
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    String row = "%s[%d]".formatted(input, i / output.rowSize());
                    throw Problem.invalid(
                            row, "The model's answer to %s is not finite; are its values too large?".formatted(row));
                }
            }
        }
        return outputs;
    }

    private static Tensor concatenated(List<Tensor> tensors) {
        if (tensors.size() == 1) {
            return tensors.getFirst();
        }
        int rows = tensors.stream().mapToInt(Tensor::rows).sum();
        int[] shape = tensors.getFirst().shape();
        shape[0] = rows;
        float[] values = new float[Math.toIntExact(Tensor.size(shape))];
        int at = 0;
        for (Tensor tensor : tensors) {
            System.arraycopy(tensor.values(), 0, values, at, tensor.values().length);
            at += tensor.values().length;
        }
        return new Tensor(shape, values);
    }

    private static Tensor rows(Tensor tensor, int from, int rows) {
        int[] shape = tensor.shape();
        shape[0] = rows;
        int size = tensor.rowSize();
        return new Tensor(shape, Arrays.copyOfRange(tensor.values(), from * size, (from + rows) * size));
    }

    private static Tensor empty(int rows, Shape like) {
        int[] shape = Arrays.stream(like.getShape()).mapToInt(Math::toIntExact).toArray();
        shape[0] = rows;
        return new Tensor(shape, new float[Math.toIntExact(Tensor.size(shape))]);
    }

    private static Shape shape(int rows, int[] rowShape) {
        long[] shape = new long[rowShape.length + 1];
        shape[0] = rows;
        for (int i = 0; i < rowShape.length; i++) {
            shape[i + 1] = rowShape[i];
        }
        return new Shape(shape);
    }
}
