package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Safetensors.Values;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a training has learned.
 *
 * @param weights the network's, by key, as PyTorch's {@code state_dict} has them
 * @param codes of the training's examples, in their order, {@code [n * latent size]}; empty where there is an encoder
 * @param variance of the Gaussian likelihood, where it was learned; else NaN
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record TrainedState(SequencedMap<String, Values> weights, float[] codes, double variance) {

    /**
     * Reads what a version's folder has of it.
     *
     * @param variance of the likelihood; NaN where it was not learned
     * @throws InvalidModelException when a file is not what the network needs
     */
    public static TrainedState read(Network network, Path folder, double variance) {
        var weights = new LinkedHashMap<String, Values>();
        try (Safetensors file = Safetensors.open(folder.resolve("weights.safetensors"))) {
            List<InvalidModelException.Fault> faults = network.check(file.shapes());
            if (!faults.isEmpty()) {
                throw new InvalidModelException(faults);
            }
            network.weights().forEach((key, shape) -> {
                String stored = network.storedKey(key, file.entries().keySet());
                weights.put(key, new Values(shape, file.floats(stored)));
            });
        }
        return new TrainedState(weights, network.hasEncoder() ? new float[0] : codes(folder), variance);
    }

    private static float[] codes(Path folder) {
        try (Safetensors file = Safetensors.open(folder.resolve("codes.safetensors"))) {
            return file.floats(file.entries().firstEntry().getKey());
        }
    }

    /** At most so many codes, evenly spaced. */
    public float[] codes(int most, int latentSize) {
        int count = codes.length / latentSize;
        if (count <= most) {
            return codes;
        }
        float[] some = new float[most * latentSize];
        for (int i = 0; i < most; i++) {
            int row = (int) ((long) i * count / most);
            System.arraycopy(codes, row * latentSize, some, i * latentSize, latentSize);
        }
        return some;
    }

    /** The same with another's codes before its own. */
    TrainedState after(TrainedState parent) {
        float[] all = Arrays.copyOf(parent.codes, parent.codes.length + codes.length);
        System.arraycopy(codes, 0, all, parent.codes.length, codes.length);
        return new TrainedState(weights, all, variance);
    }

    /** All that the objective has weights for: the network's, and the likelihood's. */
    SequencedMap<String, Values> tensors() {
        var tensors = new LinkedHashMap<>(weights);
        if (!Double.isNaN(variance)) {
            tensors.put(ObjectiveScript.LOG_VARIANCE, new Values(new int[0], new float[] {(float) Math.log(variance)}));
        }
        return tensors;
    }

    /** @param tensors weights and codes under their prefixes */
    static TrainedState of(SequencedMap<String, Values> tensors, Network network) {
        var weights = new LinkedHashMap<String, Values>();
        network.weights().keySet().forEach(key -> {
            Values values = tensors.get(TrainerState.WEIGHTS + key);
            if (values != null) {
                weights.put(key, values);
            }
        });
        Values codes = tensors.get(TrainerState.CODES + "0");
        Values logVariance = tensors.get(TrainerState.WEIGHTS + ObjectiveScript.LOG_VARIANCE);
        return new TrainedState(weights, codes == null ? new float[0] : codes.values(), variance(logVariance));
    }

    /** @return NaN where it was not learned */
    static double variance(@Nullable Values logVariance) {
        return logVariance == null ? Double.NaN : Math.exp(logVariance.values()[0]);
    }
}
