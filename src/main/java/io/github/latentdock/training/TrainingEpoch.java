package io.github.latentdock.training;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.latentdock.autoencoder.Losses;
import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an epoch of a training came to.
 *
 * @param revision of the training when it ended; the id of its event
 * @param epoch its number, from 1
 * @param training means over its batches
 * @param validation means over the held-out examples; absent where none are held out
 * @param seconds how long it took the worker that ended it, to the millisecond
 * @param imagesPerSecond examples that this worker trained in a second; 0 where another one had trained them all
 * @param ended when it ended
 */
@Schema(requiredProperties = {"epoch", "training", "seconds", "imagesPerSecond", "ended"})
@JsonInclude(JsonInclude.Include.NON_NULL)
record TrainingEpoch(
        @JsonIgnore long revision,
        int epoch,
        Losses training,
        @Nullable Losses validation,
        double seconds,
        double imagesPerSecond,
        Instant ended) {

    static TrainingEpoch of(ResultSet row, int number) throws SQLException {
        return new TrainingEpoch(
                row.getLong("revision"),
                row.getInt("epoch"),
                Objects.requireNonNull(TrainingRows.losses(row, "")),
                TrainingRows.losses(row, "validation_"),
                row.getDouble("seconds"),
                row.getDouble("images_per_second"),
                TrainingRows.instant(row, "ended"));
    }
}
