package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Losses;
import org.jspecify.annotations.Nullable;

/**
 * What an epoch came to.
 *
 * @param epoch its number, from 1
 * @param training means over its batches
 * @param validation means over the held-out examples; absent where none are held out
 * @param seconds how long it took the worker that ended it, to the millisecond
 * @param imagesPerSecond examples that this worker trained in a second; 0 where another one had trained them all
 */
record EpochMetrics(int epoch, Losses training, @Nullable Losses validation, double seconds, double imagesPerSecond) {

    /** Whether training still converges. */
    boolean finite() {
        return training.finite() && (validation == null || validation.finite());
    }
}
