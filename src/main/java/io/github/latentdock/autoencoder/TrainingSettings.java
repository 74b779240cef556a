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
 * @param sameExamples whether a parent was trained on these very examples, in their order, so that its codes are theirs
 */
public record TrainingSettings(
        Objective objective,
        Optimizer optimizer,
        int epochs,
        int batchSize,
        long seed,
        @Nullable EarlyStopping earlyStopping,
        boolean freezeDecoder,
        boolean sameExamples) {

    /** Of examples that no parent knows. */
    public TrainingSettings(
            Objective objective,
            Optimizer optimizer,
            int epochs,
            int batchSize,
            long seed,
            @Nullable EarlyStopping earlyStopping,
            boolean freezeDecoder) {
        this(objective, optimizer, epochs, batchSize, seed, earlyStopping, freezeDecoder, false);
    }

    /** Whether a parent brings a code for each of the examples, so that none is fitted. */
    public boolean hasCodes(@Nullable TrainedState parent, Examples examples, int latentSize) {
        return sameExamples && parent != null && parent.codes().length == (long) examples.count() * latentSize;
    }

    /**
     * The same before anything was read.
     *
     * @param old how many codes the parent has; 0 where there is none
     */
    public boolean hasCodes(long old, long examples) {
        return sameExamples && old == examples;
    }
}
