package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Losses;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;
import tools.jackson.databind.json.JsonMapper;

/** Between rows and records. */
final class TrainingRows implements RowMapper<Training> {

    /** What {@link #parameters(Progress)} are for. */
    static final String PROGRESS =
            ", epochs = :epochs, epoch = :epoch, steps_per_epoch = :steps, step = :step, loss = :loss,"
                    + " recon_loss = :recon, reg_loss = :reg, images_per_second = :images, seconds_left = :left";

    private final JsonMapper json;

    TrainingRows(JsonMapper json) {
        this.json = json;
    }

    String json(Plan plan) {
        return json.writeValueAsString(plan);
    }

    @Override
    public Training mapRow(ResultSet row, int number) throws SQLException {
        Status status = Status.valueOf(row.getString("status"));
        return new Training(
                row.getString("id"),
                status,
                json.readValue(row.getString("plan"), Plan.class),
                row.getString("dataset_digest"),
                row.getString("parent_digest"),
                row.getLong("revision"),
                row.getInt("attempt"),
                row.getInt("deaths"),
                row.getString("worker"),
                new Progress(
                        row.getInt("epochs"),
                        row.getInt("epoch"),
                        row.getInt("steps_per_epoch"),
                        row.getInt("step"),
                        losses(row, ""),
                        number(row, "images_per_second"),
                        number(row, "seconds_left")),
                row.getString("failure"),
                row.getObject("version", Integer.class),
                instant(row, "created"),
                instantOrNull(row, "started"),
                instant(row, "updated"),
                instantOrNull(row, "ended"));
    }

    static Map<String, @Nullable Object> parameters(Progress progress) {
        var parameters = parameters(progress.losses(), "loss", "recon", "reg");
        parameters.put("epochs", progress.epochs());
        parameters.put("epoch", progress.epoch());
        parameters.put("steps", progress.stepsPerEpoch());
        parameters.put("step", progress.step());
        parameters.put("images", progress.imagesPerSecond());
        parameters.put("left", progress.secondsLeft());
        return parameters;
    }

    static Map<String, @Nullable Object> parameters(EpochMetrics metrics) {
        var parameters = parameters(metrics.training(), "loss", "recon", "reg");
        parameters.putAll(parameters(metrics.validation(), "validation", "validationRecon", "validationReg"));
        parameters.put("epoch", metrics.epoch());
        parameters.put("seconds", metrics.seconds());
        parameters.put("images", metrics.imagesPerSecond());
        return parameters;
    }

    private static Map<String, @Nullable Object> parameters(
            @Nullable Losses losses, String loss, String recon, String reg) {
        var parameters = new HashMap<String, @Nullable Object>();
        parameters.put(loss, losses == null ? null : (Double) losses.loss());
        parameters.put(recon, losses == null ? null : (Double) losses.reconLoss());
        parameters.put(reg, losses == null ? null : (Double) losses.regLoss());
        return parameters;
    }

    static @Nullable Losses losses(ResultSet row, String prefix) throws SQLException {
        Double loss = number(row, prefix + "loss");
        return loss == null
                ? null
                : new Losses(loss, row.getDouble(prefix + "recon_loss"), row.getDouble(prefix + "reg_loss"));
    }

    private static @Nullable Double number(ResultSet row, String column) throws SQLException {
        return row.getObject(column, Double.class);
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        return row.getObject(column) == null ? null : instant(row, column);
    }
}
