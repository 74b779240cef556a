package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a network is trained. The same settings on the same examples and machine give the same weights, to the bit.
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
        boolean freezeDecoder) {

    private static final int MOST_EPOCHS = 100_000;
    private static final int LARGEST_BATCH = 1 << 16;

    /** What is wrong with the numbers, by their paths. */
    public List<Fault> faults() {
        var faults = new ArrayList<Fault>();
        if (epochs < 1 || epochs > MOST_EPOCHS) {
            faults.add(new Fault("epochs", "is %d; must be from 1 to %d".formatted(epochs, MOST_EPOCHS)));
        }
        if (batchSize < 1 || batchSize > LARGEST_BATCH) {
            faults.add(new Fault("batchSize", "is %d; must be from 1 to %d".formatted(batchSize, LARGEST_BATCH)));
        }
        if (freezeDecoder && objective.kind() != Kind.AD) {
            faults.add(new Fault("freeze", "is decoder; only an auto-decoder learns something without its decoder"));
        }
        faults.addAll(objective.faults());
        faults.addAll(optimizer.faults());
        if (earlyStopping != null) {
            faults.addAll(earlyStopping.faults());
        }
        return faults;
    }
}
