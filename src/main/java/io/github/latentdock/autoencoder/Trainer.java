package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Randomness.Purpose;
import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.autoencoder.TrainerState.Position;
import java.nio.file.Path;
import java.util.SequencedMap;
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
    private final Learner learner;
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
        this.learner = new Learner(settings, network, examples, state);
        try {
            SequencedMap<String, Values> kept = state.within(TrainerState.BEST);
            this.best = kept.isEmpty() ? null : kept;
            this.order = order();
            this.heldOut = held == null ? null : new HeldOut(settings, settings.objective(), network, held, wanted);
        } catch (RuntimeException | Error e) {
            learner.close();
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
        return learner.lastBatch();
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
        long total = (long) settings.epochs() * stepsPerEpoch();
        Losses losses = learner.step(
                order,
                from,
                to,
                beta(),
                settings.optimizer().rate(position.steps(), total),
                position.steps() + 1,
                randomness.of(Purpose.STEP, position.steps()));
        if (losses.finite()) {
            position = position.after(to - from, losses);
        }
        return losses;
    }

    private int[] order() {
        int[] order = randomness.order(examples.count(), position.epoch());
        return settings.objective() instanceof Objective.MlVae
                ? GroupOrder.of(examples, order, settings.batchSize())
                : order;
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
        Losses validation = heldOut == null ? null : heldOut.losses(learner.weights(), learner.codes());
        EarlyStopping stopping = settings.earlyStopping();
        if (stopping != null && validation != null) {
            boolean better = validation.loss() < position.best() - stopping.minDelta();
            if (better) {
                best = learner.snapshot();
            }
            position = position.judged(better, validation.loss());
        }
        position = position.nextEpoch();
        if (!finished()) {
            order = order();
        }
        return new Epoch(training, validation);
    }

    /**
     * Writes all that is needed to go on.
     *
     * @param folder an empty one
     */
    public void save(Path folder) {
        SequencedMap<String, Values> tensors = learner.snapshot();
        learner.saveMoments(tensors);
        if (best != null) {
            best.forEach((key, values) -> tensors.put(TrainerState.BEST + key, values));
        }
        new TrainerState(position, tensors).write(folder);
    }

    /**
     * What was learned: of the best epoch where training may stop early, else of the last. A parent's codes come first.
     */
    public TrainedState result() {
        TrainedState result = TrainedState.of(best == null ? learner.snapshot() : best, network);
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

    @Override
    public void close() {
        learner.close();
        if (heldOut != null) {
            heldOut.close();
        }
        free(examples);
    }
}
