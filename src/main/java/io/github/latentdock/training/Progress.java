package io.github.latentdock.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.latentdock.autoencoder.Losses;
import org.jspecify.annotations.Nullable;

/**
 * How far a training is.
 *
 * @param epochs how many epochs there are at most; 0 before the first run
 * @param epoch how many have ended
 * @param stepsPerEpoch batches in an epoch; 0 before the first run
 * @param step batches of this epoch that are done
 * @param losses of the last batches, or of the last epoch where none of this one is done; absent before the first
 * @param imagesPerSecond examples that are trained in a second now; absent while nothing runs
 * @param secondsLeft until the last epoch ends, if none is left out; absent while nothing runs
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Progress(
        int epochs,
        int epoch,
        int stepsPerEpoch,
        int step,
        @Nullable Losses losses,
        @Nullable Double imagesPerSecond,
        @Nullable Double secondsLeft) {

    static final Progress NONE = new Progress(0, 0, 0, 0, null, null, null);
}
