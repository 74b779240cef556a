package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.github.latentdock.autoencoder.ObjectiveScript.Input;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What learns: weights and codes, with the script that gives their gradients and what the optimiser keeps. For one thread. */
final class Learner implements AutoCloseable {

    /** The share of a batch in the variance that is learned. */
    private static final double NEWEST = 0.02;

    /** Where everything is reconstructed without an error. */
    private static final double LEAST_VARIANCE = 1e-8;

    private final TrainingSettings settings;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final SequencedMap<String, NDArray> weights = new LinkedHashMap<>();
    private final ObjectiveScript objective;
    private final CompiledScript script;
    private final Parameters parameters;
    private final @Nullable CodeTable codes;
    private final TrainingBatch batch;

    Learner(TrainingSettings settings, Network network, Examples examples, TrainerState state) {
        this.settings = settings;
        var begun = new ArrayDeque<Runnable>();
        begun.push(manager::close);
        try {
            this.objective = new ObjectiveScript(
                    settings.objective(), network, examples.hasMask(), true, !settings.freezeDecoder());
            this.script = CompiledScript.compile(objective.source(), manager);
            begun.push(script::close);
            state.within(TrainerState.WEIGHTS)
                    .forEach((key, values) -> weights.put(key, DeclaredAutoencoder.array(values, manager)));
            var learned = new LinkedHashMap<String, NDArray>();
            objective.learned().forEach(key -> learned.put(key, weight(key)));
            NDArray logVariance = learned.remove(ObjectiveScript.LOG_VARIANCE);
            if (logVariance != null) {
                logVariance.setRequiresGradient(true);
            }
            this.parameters =
                    new Parameters(learned, settings.optimizer(), manager, state.within(TrainerState.MOMENTS));
            begun.push(parameters::close);
            this.codes = CodeTable.restore(
                    state.within(TrainerState.CODES), state.within(TrainerState.CODE_MOMENTS), settings.objective());
            var shapes = Shapes.of(network);
            int largest = Math.min(settings.batchSize() + 1, examples.count());
            this.batch = new TrainingBatch(examples, settings.objective(), objective.inputs(), shapes, largest, codes);
        } catch (RuntimeException | Error e) {
            begun.forEach(Runnable::run);
            throw e;
        }
    }

    /**
     * Makes a step on the examples {@code order[from … to - 1]}.
     *
     * @param beta the divergence's weight
     * @param rate of the learning rates
     * @param count of steps, this one included
     * @param random for noise and dropout
     * @return the batch's losses; if they are not finite, nothing was changed
     */
    Losses step(int[] order, int from, int to, double beta, double rate, long count, RandomGenerator random) {
        batch.read(order, from, to, beta, random);
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        try (NDManager pass = manager.newSubManager()) {
            Map<String, NDArray> statistics = statistics(pass);
            NDList results = script.run(arguments(pass, random));
            var losses = new Losses(
                    results.get(0).getFloat(),
                    results.get(1).getFloat(),
                    results.get(2).getFloat());
            if (losses.finite()) {
                learn(pass, rate, count, results.subList(3, results.size()));
            } else {
                restore(statistics);
            }
            return losses;
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    /** Copies of what the layers collect while the losses are computed: nothing where they are frozen. */
    private Map<String, NDArray> statistics(NDManager pass) {
        var statistics = new LinkedHashMap<String, NDArray>();
        if (settings.freezeDecoder()) {
            return statistics;
        }
        for (String key : objective.script().weights()) {
            if (!objective.learned().contains(key)) {
                NDArray copy = weight(key).duplicate();
                copy.attach(pass);
                statistics.put(key, copy);
            }
        }
        return statistics;
    }

    private void restore(Map<String, NDArray> statistics) {
        statistics.forEach((key, copy) -> {
            copy.attach(manager);
            weight(key).close();
            weights.put(key, copy);
        });
    }

    private NDList arguments(NDManager pass, RandomGenerator random) {
        var arguments = new NDList();
        for (Input input : objective.inputs()) {
            NDArray array = batch.array(input, pass);
            if (input == Input.CODE || input == Input.CODE_LOG_VARIANCE) {
                array.setRequiresGradient(true);
            }
            arguments.add(array);
        }
        objective.script().weights().forEach(key -> arguments.add(weight(key)));
        objective.script().dropouts().forEach(dropout -> arguments.add(dropout.mask(batch.count(), random, pass)));
        return arguments;
    }

    private void learn(NDManager pass, double rate, long count, List<NDArray> gradients) {
        int learned = objective.learned().size();
        if (!settings.freezeDecoder()) {
            List<NDArray> descending = new ArrayList<>(gradients.subList(0, learned));
            int variance = objective.learned().indexOf(ObjectiveScript.LOG_VARIANCE);
            if (variance >= 0) {
                learnVariance(descending.remove(variance).getFloat(), count);
            }
            parameters.step(pass, rate * settings.optimizer().learningRate(), count, descending);
        }
        if (codes != null && settings.objective() instanceof Objective.Coded coded) {
            float[][] own = gradients.subList(learned, gradients.size()).stream()
                    .map(gradient -> gradient.mul(batch.count()).toFloatArray())
                    .toArray(float[][]::new);
            codes.step(batch.rows(), batch.count(), rate * coded.codeLearningRate(), own);
        }
    }

    /**
     * The likeliest variance is the mean squared error (Rybkin et al. 2021), here of some batches: at first of all that there
     * were, then of the last fifty or so. Of n observed values the loss has {@code n / 2 (1 - error / variance)} as its derivative in
     * the variance's logarithm, which so tells the error.
     */
    private void learnVariance(double slope, long count) {
        if (batch.observed() == 0) {
            return;
        }
        double before = Math.exp(weight(ObjectiveScript.LOG_VARIANCE).getFloat());
        double error = before * Math.max(0, 1 - 2 * slope / batch.observed());
        double after = before + Math.max(NEWEST, 1.0 / count) * (error - before);
        NDArray learned = manager.create((float) Math.log(Math.max(after, LEAST_VARIANCE)));
        learned.setRequiresGradient(true);
        weight(ObjectiveScript.LOG_VARIANCE).close();
        weights.put(ObjectiveScript.LOG_VARIANCE, learned);
    }

    /** How many examples the last step was made on. */
    int lastBatch() {
        return batch.count();
    }

    /** A copy of the weights, the likelihood's included. */
    SequencedMap<String, Values> weights() {
        return Parameters.values(weights);
    }

    /** The codes as they are, or none. */
    float[] codes() {
        return codes == null ? new float[0] : codes.codes();
    }

    /** Weights and codes, copied. */
    SequencedMap<String, Values> snapshot() {
        var tensors = new LinkedHashMap<String, Values>();
        weights().forEach((key, values) -> tensors.put(TrainerState.WEIGHTS + key, values));
        if (codes != null) {
            codes.save(tensors);
        }
        return tensors;
    }

    /** Writes what the optimiser keeps. */
    void saveMoments(Map<String, Values> into) {
        parameters.save(into);
        if (codes != null) {
            codes.saveMoments(into);
        }
    }

    private NDArray weight(String key) {
        NDArray weight = weights.get(key);
        if (weight == null) {
            throw new IllegalStateException("no weight '%s'".formatted(key));
        }
        return weight;
    }

    @Override
    public void close() {
        batch.close();
        parameters.close();
        script.close();
        manager.close();
    }
}
