package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Losses;
import java.nio.file.Path;

/**
 * A training on its way, batch by batch. One thread uses it and closes it; whatever is native is inside.
 *
 * <p>Its state is all that matters: saved at any batch and resumed, it ends with the same weights to the bit as if nothing had
 * happened. So everything random in it comes from generators whose state is saved.
 */
interface TrainingLoop extends AutoCloseable {

    /** How many epochs have ended. */
    int epoch();

    /** How many there are at most. */
    int epochs();

    /** How many batches of this epoch are done, 0 to {@link #stepsPerEpoch}. */
    int step();

    int stepsPerEpoch();

    /** Whether no epoch follows: the last one has ended, or the loss fell no further. Saved like everything else. */
    boolean finished();

    /** Trains one batch. Called while {@code step() < stepsPerEpoch()}. */
    Losses advance();

    /** How many examples the last batch had. */
    int lastBatch();

    /**
     * Ends an epoch whose batches are all done: means over its batches, and the losses on held-out examples.
     *
     * @throws java.util.concurrent.CancellationException when it is not wanted any more; the epoch has not ended then
     */
    EpochMetrics endEpoch();

    /** Writes the files of a checkpoint into an empty folder. */
    void save(Path folder);

    /**
     * Writes the files of the version into an empty folder: {@code weights.safetensors}, and what else a version may have. Called
     * when it is finished; may be called again after a crash.
     *
     * @throws io.github.latentdock.autoencoder.DivergedException when what was learned is no number
     */
    Outcome finish(Path folder);

    @Override
    void close();
}
