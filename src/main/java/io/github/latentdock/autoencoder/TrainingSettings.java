package io.github.latentdock.autoencoder;

import org.jspecify.annotations.Nullable;

/**
 * How a network is trained. The same settings on the same examples and machine give the same weights, to the bit. Who takes plans
 * checks the numbers.
 *
 * @param epochs how often every example is seen
 * @param batchSize how many examples a step is made on
 * @param seed of initial weights, order, noise and dropout
 * @param earlyStopping null to train all epochs
 * @param freezeDecoder whether only the codes of an auto-decoder are learned
 */
public record TrainingSettings(
        Objective objective,
        Optimizer optimizer,
        int epochs,
        int batchSize,
        long seed,
        @Nullable EarlyStopping earlyStopping,
        boolean freezeDecoder) {}
