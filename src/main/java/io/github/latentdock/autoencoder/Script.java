package io.github.latentdock.autoencoder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/**
 * A half of a network written down as TorchScript: one function of the input, the weights and, in training, of the masks of its
 * dropouts. PyTorch then runs all layers in one call, and with its own kernels also those that DJL has no method for.
 */
final class Script {

    private final String input;
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
    record Dropped(double p, int[] shape) {}

    /** @param input the name of the input: x or z */
    Script(String input, boolean training) {
        this.input = input;
        this.training = training;
    }

    /** Where a layer stands: the beginning of its weights' keys, such as {@code decoder.0}. */
    record Scope(Script script, String prefix) {

        boolean training() {
            return script.training;
        }

        /** The variable of the whole half's input. */
        String input() {
            return script.input;
        }

        Scope within(String name) {
            return new Scope(script, prefix + "." + name);
        }

        String weight(String name) {
            String key = prefix + "." + name;
            return script.weights.computeIfAbsent(key, whole -> whole.replace('.', '_'));
        }

        String dropout(double p, int[] shape) {
            script.dropouts.add(new Dropped(p, shape));
            return "mask_" + script.dropouts.size();
        }

        String assign(String expression) {
            return script.assign(expression);
        }
    }

    Scope scope(String section) {
        return new Scope(this, section);
    }

    String assign(String expression) {
        variables++;
        lines.append("    h%d = %s\n".formatted(variables, expression));
        return "h" + variables;
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
        var source = new StringBuilder("""
                class Network(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                  def forward(self: __torch__.Network,
                """);
        source.append("    %s: Tensor".formatted(input));
        weights.values().forEach(weight -> source.append(",\n    %s: Tensor".formatted(weight)));
        for (int i = 1; i <= dropouts.size(); i++) {
            source.append(",\n    mask_%d: Tensor".formatted(i));
        }
        boolean single = results.size() == 1;
        String type = single
                ? "Tensor"
                : "Tuple[%s]"
                        .formatted(String.join(
                                ", ", results.stream().map(r -> "Tensor").toList()));
        return source.append(") -> %s:\n".formatted(type))
                .append(lines)
                .append("    return %s\n"
                        .formatted(single ? results.getFirst() : "(" + String.join(", ", results) + ")"))
                .toString();
    }
}
