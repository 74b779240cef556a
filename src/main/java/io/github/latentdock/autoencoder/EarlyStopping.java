package io.github.latentdock.autoencoder;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ends training when the loss on held-out examples falls no further; the weights of the best epoch are kept.
 *
 * @param patience how many epochs may go by without a better one
 * @param minDelta by how much the loss must fall to be better
 */
public record EarlyStopping(int patience, double minDelta) {

    @JsonCreator
    static EarlyStopping of(@Nullable Integer patience, @Nullable Double minDelta) {
        return new EarlyStopping(patience == null ? 0 : patience, minDelta == null ? 0 : minDelta);
    }

    /** What is wrong with the numbers, by their paths. */
    public List<Fault> faults() {
        return new Bounds("earlyStopping")
                .least("patience", patience, 1)
                .least("minDelta", minDelta, 0)
                .faults();
    }
}
