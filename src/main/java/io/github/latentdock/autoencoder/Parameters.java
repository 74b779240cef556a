package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What is learned of a network, with what the optimiser keeps between steps. */
final class Parameters implements AutoCloseable {

    private final SequencedMap<String, NDArray> values;
    private final OptimizerScript optimizer;
    private final List<List<NDArray>> moments = new ArrayList<>();
    private final NDManager manager;

    /**
     * @param values by key; stay the caller's, and require gradients from now on
     * @param saved what {@link #save} wrote; null at the start
     */
    Parameters(
            SequencedMap<String, NDArray> values,
            Optimizer optimizer,
            NDManager parent,
            @Nullable Map<String, Values> saved) {
        this.values = values;
        this.manager = parent.newSubManager();
        this.optimizer = new OptimizerScript(optimizer, values.size(), manager);
        values.values().forEach(value -> value.setRequiresGradient(true));
        for (int i = 0; i < this.optimizer.moments(); i++) {
            List<NDArray> moment = new ArrayList<>();
            for (var named : values.entrySet()) {
                Values kept = saved == null ? null : saved.get(key(i, named.getKey()));
                moment.add(
                        kept == null
                                ? manager.zeros(named.getValue().getShape())
                                : DeclaredAutoencoder.array(kept, manager));
            }
            moments.add(moment);
        }
    }

    /** @param gradients in the parameters' order */
    void step(NDManager pass, double rate, long count, List<NDArray> gradients) {
        optimizer.step(pass, rate, count, List.copyOf(values.values()), gradients, moments);
    }

    /** Writes what the optimiser keeps. */
    void save(Map<String, Values> into) {
        for (int i = 0; i < moments.size(); i++) {
            int parameter = 0;
            for (String key : values.keySet()) {
                into.put(
                        TrainerState.MOMENTS + key(i, key),
                        values(moments.get(i).get(parameter)));
                parameter++;
            }
        }
    }

    private static String key(int moment, String parameter) {
        return "%d.%s".formatted(moment, parameter);
    }

    /** A copy. */
    static Values values(NDArray array) {
        int[] shape = Arrays.stream(array.getShape().getShape())
                .mapToInt(Math::toIntExact)
                .toArray();
        return new Values(shape, array.toFloatArray());
    }

    /** A copy of all. */
    static SequencedMap<String, Values> values(Map<String, NDArray> arrays) {
        var values = new LinkedHashMap<String, Values>();
        arrays.forEach((key, array) -> values.put(key, values(array)));
        return values;
    }

    @Override
    public void close() {
        optimizer.close();
        manager.close();
    }
}
