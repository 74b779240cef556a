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
 * @param logVariances of the codes of a variational auto-decoder, the same shape; else empty
 * @param variance of the Gaussian likelihood, where it was learned; else NaN
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record TrainedState(SequencedMap<String, Values> weights, float[] codes, float[] logVariances, double variance) {

    /** Of codes that begin: narrow, so that the decoder sees at once what they tell. */
    private static final float LOG_VARIANCE = -4;

    TrainedState(SequencedMap<String, Values> weights, float[] codes, double variance) {
        this(weights, codes, new float[0], variance);
    }

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
        SavedCodes saved = network.hasEncoder() ? new SavedCodes(new float[0], new float[0]) : SavedCodes.read(folder);
        return new TrainedState(weights, saved.codes(), saved.logVariances(), variance);
    }

    /** At most so many codes, evenly spaced. */
    public SavedCodes codes(int most, int latentSize) {
        return new SavedCodes(some(codes, most, latentSize), some(logVariances, most, latentSize));
    }

    private static float[] some(float[] all, int most, int latentSize) {
        int count = all.length / latentSize;
        if (count <= most) {
            return all;
        }
        float[] some = new float[most * latentSize];
        for (int i = 0; i < most; i++) {
            int row = (int) ((long) i * count / most);
            System.arraycopy(all, row * latentSize, some, i * latentSize, latentSize);
        }
        return some;
    }

    /** The same with another's codes before its own. */
    TrainedState after(TrainedState parent) {
        return new TrainedState(
                weights,
                joined(parent.codes, codes),
                logVariances.length == 0 ? logVariances : joined(parent.codeLogVariances(), logVariances),
                variance);
    }

    private static float[] joined(float[] one, float[] other) {
        float[] all = Arrays.copyOf(one, Math.addExact(one.length, other.length));
        System.arraycopy(other, 0, all, one.length, other.length);
        return all;
    }

    /** Those of all codes; where none were learned, those that training begins with. */
    float[] codeLogVariances() {
        return logVariances.length == codes.length ? logVariances : initialLogVariances(codes.length);
    }

    static float[] initialLogVariances(int count) {
        float[] initial = new float[count];
        Arrays.fill(initial, LOG_VARIANCE);
        return initial;
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
        return new TrainedState(
                weights,
                values(tensors.get(TrainerState.CODES + "0")),
                values(tensors.get(TrainerState.CODES + "1")),
                variance(tensors.get(TrainerState.WEIGHTS + ObjectiveScript.LOG_VARIANCE)));
    }

    private static float[] values(@Nullable Values part) {
        return part == null ? new float[0] : part.values();
    }

    /** @return NaN where it was not learned */
    static double variance(@Nullable Values logVariance) {
        return logVariance == null ? Double.NaN : Math.exp(logVariance.values()[0]);
    }
}
