package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.autoencoder.ObjectiveScript.Input;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of an objective for a batch of examples, in memory that every batch uses again. Arrays that it gives are good until it
 * reads the next. For one thread.
 */
final class TrainingBatch implements AutoCloseable {

    private final Examples examples;
    private final Objective objective;
    private final Shapes shapes;
    private final @Nullable CodeTable codes;
    private final Arena memory = Arena.ofConfined();
    private final Map<Input, Aligned> buffers = new EnumMap<>(Input.class);
    private final float[] values;
    private final int[] rows;
    private final List<Integer> groups = new ArrayList<>();
    private final int[] membership;
    private int count;
    private double observed;

    /**
     * @param inputs what the objective takes
     * @param largest how many examples a batch has at most
     * @param codes of an auto-decoder
     */
    TrainingBatch(
            Examples examples,
            Objective objective,
            List<Input> inputs,
            Shapes shapes,
            int largest,
            @Nullable CodeTable codes) {
        this.examples = examples;
        this.objective = objective;
        this.shapes = shapes;
        this.codes = codes;
        this.rows = new int[largest];
        this.membership = new int[largest];
        this.observed = shapes.inputSize();
        this.values = new float[largest * Math.max(shapes.inputSize(), shapes.latentSize())];
        try {
            for (Input input : inputs) {
                buffers.put(input, Aligned.allocate(memory, floats(input, largest)));
            }
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    private int floats(Input input, int largest) {
        return switch (input) {
            case X, TARGET, MASK -> largest * shapes.inputSize();
            case NOISE, CODE, CODE_LOG_VARIANCE -> largest * shapes.latentSize();
            case MEMBERS -> largest * largest;
            case BETA -> 1;
            case BLUR -> shapes.channels() * Pyramid.SIZE * Pyramid.SIZE;
        };
    }

    int count() {
        return count;
    }

    /** How many values of an example were observed, on average. */
    double observed() {
        return observed;
    }

    /** Which examples are in it; the first {@link #count()} of them. */
    int[] rows() {
        return rows;
    }

    /**
     * Reads the examples {@code order[from … to - 1]} and draws what is random.
     *
     * @param beta the weight of the divergence
     */
    void read(int[] order, int from, int to, double beta, RandomGenerator random) {
        count = to - from;
        System.arraycopy(order, from, rows, 0, count);
        if (buffers.containsKey(Input.MEMBERS)) {
            group();
        }
        buffers.forEach((input, buffer) -> fill(input, buffer, beta, random));
    }

    private void fill(Input input, Aligned buffer, double beta, RandomGenerator random) {
        int size = shapes.inputSize();
        switch (input) {
            case X, TARGET -> {
                examples.values(rows, count, values);
                if (input == Input.X && objective instanceof Objective.Dae(var likelihood, var sparsity, var noise)) {
                    noise.apply(values, 0, count * size, examples.low(), examples.high(), random);
                    clearMissing(size);
                }
                buffer.write(values, count * size);
            }
            case MASK -> {
                for (int i = 0; i < count; i++) {
                    examples.mask(rows[i], values, i * size);
                }
                buffer.write(values, count * size);
                observed = sum(values, count * size) / count;
            }
            case NOISE -> {
                int width = shapes.latentSize();
                for (int i = 0; i < count * width; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                if (objective instanceof Objective.MlVae multiLevel) {
                    share(multiLevel.group());
                }
                buffer.write(values, count * width);
            }
            case BETA -> {
                values[0] = (float) beta;
                buffer.write(values, 1);
            }
            case MEMBERS -> {
                var members = new float[groups.size() * count];
                for (int i = 0; i < count; i++) {
                    members[membership[i] * count + i] = 1;
                }
                buffer.write(members, members.length);
            }
            case CODE -> write(buffer, 0);
            case CODE_LOG_VARIANCE -> write(buffer, 1);
            case BLUR -> {
                float[] filter = Pyramid.filter(shapes.channels());
                buffer.write(filter, filter.length);
            }
        }
    }

    /** What is missing is 0 whatever the noise, as it is when serving. */
    private void clearMissing(int size) {
        if (examples.hasMask()) {
            float[] mask = new float[size];
            for (int i = 0; i < count; i++) {
                examples.mask(rows[i], mask, 0);
                for (int j = 0; j < size; j++) {
                    values[i * size + j] *= mask[j];
                }
            }
        }
    }

    private void write(Aligned buffer, int part) {
        if (codes != null) {
            codes.read(part, rows, count, values);
            buffer.write(values, count * shapes.latentSize());
        }
    }

    private static double sum(float[] values, int length) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += values[i];
        }
        return sum;
    }

    /** Numbers the groups of the batch as they come. */
    private void group() {
        groups.clear();
        var numbers = new HashMap<Integer, Integer>();
        for (int i = 0; i < count; i++) {
            int group = examples.group(rows[i]);
            membership[i] = numbers.computeIfAbsent(group, ignored -> {
                groups.add(group);
                return groups.size() - 1;
            });
        }
    }

    /** The members of a group draw the group's values together. */
    private void share(int width) {
        int size = shapes.latentSize();
        int[] first = new int[groups.size()];
        Arrays.fill(first, -1);
        for (int i = 0; i < count; i++) {
            int group = membership[i];
            if (first[group] < 0) {
                first[group] = i;
            } else {
                System.arraycopy(values, first[group] * size, values, i * size, width);
            }
        }
    }

    /** An input of the batch, good until the pass ends. */
    NDArray array(Input input, NDManager pass) {
        Aligned buffer = buffers.get(input);
        if (buffer == null) {
            throw new IllegalArgumentException("the objective takes no " + input);
        }
        return buffer.array(
                pass,
                switch (input) {
                    case X, TARGET, MASK -> shapes.inputs(count);
                    case NOISE, CODE, CODE_LOG_VARIANCE -> shapes.latents(count);
                    case MEMBERS -> new Shape(groups.size(), count);
                    case BETA -> new Shape();
                    case BLUR -> new Shape(shapes.channels(), 1, Pyramid.SIZE, Pyramid.SIZE);
                });
    }

    @Override
    public void close() {
        memory.close();
    }
}
