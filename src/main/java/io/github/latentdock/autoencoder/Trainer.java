package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.github.latentdock.autoencoder.ObjectiveScript.Input;
import io.github.latentdock.autoencoder.Randomness.Purpose;
import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.autoencoder.TrainerState.Position;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Trains a network, batch by batch. A training that was saved and resumed gives the same weights, to the bit, as one that never
 * stopped: every random number is worked out from the seed and the step. For one thread.
 */
public final class Trainer implements AutoCloseable {

    private final TrainingSettings settings;
    private final Network network;
    private final Examples examples;
    private final @Nullable TrainedState parent;
    private final @Nullable HeldOut heldOut;
    private final Wanted wanted;
    private final Randomness randomness;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final SequencedMap<String, NDArray> weights = new LinkedHashMap<>();
    private final ObjectiveScript objective;
    private final CompiledScript script;
    private final Parameters parameters;
    private final @Nullable CodeTable codes;
    private final TrainingBatch batch;
    private Position position;
    private int[] order;
    private @Nullable SequencedMap<String, Values> best;

    private Trainer(
            TrainingSettings settings,
            Network network,
            Examples examples,
            @Nullable Examples held,
            @Nullable TrainedState parent,
            TrainerState state,
            Wanted wanted) {
        this.settings = settings;
        this.network = network;
        this.examples = examples;
        this.parent = parent;
        this.wanted = wanted;
        this.randomness = new Randomness(settings.seed());
        this.position = state.position();
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
            this.parameters =
                    new Parameters(learned, settings.optimizer(), manager, state.within(TrainerState.MOMENTS));
            begun.push(parameters::close);
            this.codes = CodeTable.restore(
                    state.within(TrainerState.CODES), state.within(TrainerState.CODE_MOMENTS), settings.objective());
            var shapes = Shapes.of(network);
            int largest = Math.min(settings.batchSize() + 1, examples.count());
            this.batch = new TrainingBatch(examples, settings.objective(), objective.inputs(), shapes, largest, codes);
            begun.push(batch::close);
            SequencedMap<String, Values> kept = state.within(TrainerState.BEST);
            this.best = kept.isEmpty() ? null : kept;
            this.order = randomness.order(examples.count(), position.epoch());
            this.heldOut = held == null ? null : new HeldOut(settings.objective(), network, held, randomness, wanted);
        } catch (RuntimeException | Error e) {
            begun.forEach(Runnable::run);
            throw e;
        }
    }

    /**
     * Begins.
     *
     * @param held what is not trained on; null where there is nothing
     * @param parent what to go on from; null to begin anew. An auto-decoder's examples are taken for new ones unless the settings say
     *     otherwise: their codes are fitted first, and the parent's codes are replayed beside them, unless the decoder is frozen
     * @param wanted asked during whatever takes longer than a step: before the first one, and at the end of an epoch
     * @throws java.util.concurrent.CancellationException when nobody wants it any more
     */
    public static Trainer start(
            TrainingSettings settings,
            Network network,
            Examples examples,
            @Nullable Examples held,
            @Nullable TrainedState parent,
            Wanted wanted) {
        Examples all = withOld(settings, network, examples, parent);
        try {
            TrainerState state = InitialState.of(settings, network, all, parent, wanted);
            return new Trainer(settings, network, all, held, parent, state, wanted);
        } catch (RuntimeException | Error e) {
            free(all);
            throw e;
        }
    }

    /**
     * Goes on from what {@link #save} wrote.
     *
     * @param held the same as before, as all the others
     */
    public static Trainer resume(
            TrainingSettings settings,
            Network network,
            Examples examples,
            @Nullable Examples held,
            @Nullable TrainedState parent,
            Path checkpoint,
            Wanted wanted) {
        Examples all = withOld(settings, network, examples, parent);
        try {
            return new Trainer(settings, network, all, held, parent, TrainerState.read(checkpoint), wanted);
        } catch (RuntimeException | Error e) {
            free(all);
            throw e;
        }
    }

    private static Examples withOld(
            TrainingSettings settings, Network network, Examples examples, @Nullable TrainedState parent) {
        if (parent == null
                || settings.objective().kind() != Kind.AD
                || settings.freezeDecoder()
                || settings.hasCodes(parent, examples, Shapes.of(network).latentSize())) {
            return examples;
        }
        return new Replay(examples, network, parent);
    }

    private static void free(Examples examples) {
        if (examples instanceof Replay replay) {
            replay.close();
        }
    }

    /** Epochs that have ended. */
    public int epoch() {
        return position.epoch();
    }

    /** Steps of this epoch that were made. */
    public int step() {
        return position.step();
    }

    /** How many examples the last step was made on. */
    public int lastBatch() {
        return batch.count();
    }

    /** An example that would be left over alone joins the last batch: batch normalisation needs two for a variance. */
    public int stepsPerEpoch() {
        int size = settings.batchSize();
        return size == 1 ? examples.count() : Math.max(1, Math.ceilDiv(examples.count() - 1, size));
    }

    /** Whether the epoch's last step was made, and {@link #endEpoch} comes next. */
    public boolean atEndOfEpoch() {
        return position.step() == stepsPerEpoch();
    }

    /** Whether no epoch follows: the last has ended, or the loss on what is held out falls no more. */
    public boolean finished() {
        EarlyStopping stopping = settings.earlyStopping();
        return position.epoch() >= settings.epochs() || (stopping != null && position.worse() >= stopping.patience());
    }

    /**
     * Makes a step on the next batch.
     *
     * @return the batch's losses; if they are not finite, nothing was changed and nothing ever will be better
     */
    public Losses advance() {
        int from = position.step() * settings.batchSize();
        int to = position.step() + 1 == stepsPerEpoch() ? order.length : from + settings.batchSize();
        RandomGenerator random = randomness.of(Purpose.STEP, position.steps());
        batch.read(order, from, to, beta(), random);
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
                learn(pass, results.subList(3, results.size()));
                position = position.after(to - from, losses);
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

    private void learn(NDManager pass, List<NDArray> gradients) {
        long total = (long) settings.epochs() * stepsPerEpoch();
        double rate = settings.optimizer().rate(position.steps(), total);
        int learned = objective.learned().size();
        if (!settings.freezeDecoder()) {
            parameters.step(
                    pass,
                    rate * settings.optimizer().learningRate(),
                    position.steps() + 1,
                    gradients.subList(0, learned));
        }
        if (codes != null && settings.objective() instanceof Objective.Coded coded) {
            float[][] own = gradients.subList(learned, gradients.size()).stream()
                    .map(gradient -> gradient.mul(batch.count()).toFloatArray())
                    .toArray(float[][]::new);
            codes.step(batch.rows(), batch.count(), rate * coded.codeLearningRate(), own);
        }
    }

    /** The divergence's weight, which may rise during the first epochs. */
    private double beta() {
        if (!(settings.objective() instanceof Objective.Variational variational)) {
            return 1;
        }
        double warmup = variational.warmup() * stepsPerEpoch();
        return variational.beta() * (position.steps() < warmup ? position.steps() / warmup : 1);
    }

    /**
     * What an epoch has come to.
     *
     * @param training mean over the epoch's examples, each at the time it was seen
     * @param validation on what is held out; null where nothing is
     */
    public record Epoch(Losses training, @Nullable Losses validation) {}

    /**
     * Ends an epoch after its last step.
     *
     * @throws IllegalStateException when there are steps left
     * @throws java.util.concurrent.CancellationException when nobody wants it any more; the epoch can still be ended later
     */
    public Epoch endEpoch() {
        if (!atEndOfEpoch()) {
            throw new IllegalStateException("epoch %d has steps left".formatted(position.epoch()));
        }
        Losses training = position.mean();
        Losses validation = heldOut == null
                ? null
                : heldOut.losses(Parameters.values(weights), codes == null ? new float[0] : codes.codes());
        EarlyStopping stopping = settings.earlyStopping();
        if (stopping != null && validation != null) {
            boolean better = validation.loss() < position.best() - stopping.minDelta();
            if (better) {
                best = snapshot();
            }
            position = position.judged(better, validation.loss());
        }
        position = position.nextEpoch();
        if (!finished()) {
            order = randomness.order(examples.count(), position.epoch());
        }
        return new Epoch(training, validation);
    }

    /**
     * Writes all that is needed to go on.
     *
     * @param folder an empty one
     */
    public void save(Path folder) {
        var tensors = new LinkedHashMap<String, Values>();
        snapshot().forEach(tensors::put);
        parameters.save(tensors);
        if (codes != null) {
            codes.saveMoments(tensors);
        }
        if (best != null) {
            best.forEach((key, values) -> tensors.put(TrainerState.BEST + key, values));
        }
        new TrainerState(position, tensors).write(folder);
    }

    /** Weights and codes, copied. */
    private SequencedMap<String, Values> snapshot() {
        var tensors = new LinkedHashMap<String, Values>();
        weights.forEach((key, array) -> tensors.put(TrainerState.WEIGHTS + key, Parameters.values(array)));
        if (codes != null) {
            codes.save(tensors);
        }
        return tensors;
    }

    /**
     * What was learned: of the best epoch where training may stop early, else of the last. A parent's codes come first.
     */
    public TrainedState result() {
        TrainedState result = TrainedState.of(best == null ? snapshot() : best, network);
        return parent != null
                        && settings.freezeDecoder()
                        && !settings.hasCodes(
                                parent, examples, Shapes.of(network).latentSize())
                ? result.after(parent)
                : result;
    }

    /**
     * By how much what the parent's codes decode to has changed, as a mean squared difference per value: what was forgotten. NaN where
     * nothing is replayed.
     */
    public double forgotten() {
        if (!(examples instanceof Replay replay) || replay.old() == 0) {
            return Double.NaN;
        }
        TrainedState now = result();
        try (var evaluation = new Evaluation(settings, network, now, wanted)) {
            return replay.forgotten(now.codes(), evaluation);
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
        if (heldOut != null) {
            heldOut.close();
        }
        free(examples);
        manager.close();
    }
}
