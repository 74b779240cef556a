package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A half of a network, or what a training minimises, written down as TorchScript: one function of the inputs, the weights and, in
 * training, of the masks of dropouts. PyTorch then runs all of it in one call, and with its own kernels also what DJL has no method
 * for.
 */
final class Script {

    private final List<String> inputs;
    private final boolean training;
    private final SequencedMap<String, String> weights = new LinkedHashMap<>();
    private final List<Dropped> dropouts = new ArrayList<>();
    private final StringBuilder lines = new StringBuilder();
    private int variables;

    /**
     * A mask that the function wants after its weights.
     *
     * @param p the probability that a value becomes 0
     * @param shape of a row
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Dropped(double p, int[] shape) {

        /** Draws the mask of some rows. It belongs to the manager, which stays open until the gradient is computed. */
        NDArray mask(int rows, RandomGenerator random, NDManager manager) {
            var dimensions = new Shape(rows)
                    .addAll(new Shape(Arrays.stream(shape).asLongStream().toArray()));
            float[] mask = new float[Math.toIntExact(dimensions.size())];
            float kept = (float) (1 / (1 - p));
            for (int i = 0; i < mask.length; i++) {
                mask[i] = random.nextFloat() < p ? 0 : kept;
            }
            return NativeFloats.copy(mask, dimensions, manager);
        }
    }

    /** @param inputs the names of the inputs, such as x or z */
    Script(List<String> inputs, boolean training) {
        this.inputs = List.copyOf(inputs);
        this.training = training;
    }

    /**
     * Where a layer stands.
     *
     * @param prefix the beginning of its weights' keys, such as {@code decoder.0}
     * @param input the variable of what comes into the whole section
     */
    record Scope(Script script, String prefix, String input) {

        boolean training() {
            return script.training;
        }

        Scope within(String name) {
            return new Scope(script, prefix + "." + name, input);
        }

        String weight(String name) {
            return script.weight(prefix + "." + name);
        }

        String dropout(double p, int[] shape) {
            script.dropouts.add(new Dropped(p, shape));
            return "mask_" + script.dropouts.size();
        }

        String assign(String expression) {
            return script.assign(expression);
        }
    }

    Scope scope(String section, String input) {
        return new Scope(this, section, input);
    }

    /** The variable of a weight. */
    String weight(String key) {
        return weights.computeIfAbsent(key, whole -> whole.replace('.', '_'));
    }

    String assign(String expression) {
        variables++;
        lines.append("    h%d = %s\n".formatted(variables, expression));
        return "h" + variables;
    }

    /** A line for what it changes, not for what it gives. */
    void run(String expression) {
        lines.append("    %s\n".formatted(expression));
    }

    /** The keys of the weights, in the order in which the function wants them. */
    Set<String> weights() {
        return weights.sequencedKeySet();
    }

    /** The masks that the function wants after the weights. */
    List<Dropped> dropouts() {
        return dropouts;
    }

    /** The source of a module whose {@code forward} returns the variables given: one tensor, or a tuple. */
    String source(List<String> results) {
        return results.size() == 1
                ? source("Tensor", results.getFirst())
                : source(
                        "Tuple[%s]".formatted(String.join(", ", Collections.nCopies(results.size(), "Tensor"))),
                        "(%s)".formatted(String.join(", ", results)));
    }

    /** The same, of a variable that has another type. */
    String source(String type, String result) {
        var source = new StringBuilder("""
                class Network(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                  def forward(self: __torch__.Network,
                """);
        source.append(inputs.stream().map("    %s: Tensor"::formatted).collect(Collectors.joining(",\n")));
        weights.values().forEach(weight -> source.append(",\n    %s: Tensor".formatted(weight)));
        for (int i = 1; i <= dropouts.size(); i++) {
            source.append(",\n    mask_%d: Tensor".formatted(i));
        }
        return source.append(") -> %s:\n".formatted(type))
                .append(lines)
                .append("    return %s\n".formatted(result))
                .toString();
    }
}
