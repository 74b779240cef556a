package io.github.latentdock.training;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.dao.DataAccessException;

/** The numbers that operators watch; their names are part of the service's contract. */
final class TrainingMeters {

    /** Of one scrape all gauges are from one query. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final MeterRegistry registry;
    private final Trainings trainings;
    private final InstantSource clock;
    private final Map<String, Double> imagesPerSecond = new ConcurrentHashMap<>();
    private final Map<String, Double> losses = new ConcurrentHashMap<>();
    private volatile Counts counts = new Counts(Instant.MIN, Map.of());

    private record Counts(Instant time, Map<Status, Long> trainings) {}

    TrainingMeters(MeterRegistry registry, Trainings trainings, InstantSource clock) {
        this.registry = registry;
        this.trainings = trainings;
        this.clock = clock;
        for (Status status : Status.values()) {
            Gauge.builder("latentdock.trainings", () -> count(status))
                    .description("Trainings by status, those of all replicas")
                    .tag("status", status.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }

    /** How fast a model is trained here. */
    void pace(String model, double images) {
        if (imagesPerSecond.put(model, images) == null) {
            Gauge.builder("latentdock.training.images.per.second", () -> imagesPerSecond.getOrDefault(model, 0.0))
                    .description("Examples that a training on this replica trains in a second; 0 when none runs")
                    .tag("model", model)
                    .register(registry);
        }
    }

    void epoch(String model, EpochMetrics metrics) {
        if (losses.put(model, metrics.training().loss()) == null) {
            Gauge.builder("latentdock.training.epoch.loss", () -> losses.getOrDefault(model, Double.NaN))
                    .description("The loss of the last epoch that ended on this replica")
                    .tag("model", model)
                    .register(registry);
        }
    }

    /** Nothing of a model is trained here any more. */
    void idle(String model) {
        imagesPerSecond.computeIfPresent(model, (name, images) -> 0.0);
    }

    private Number count(Status status) {
        Counts known = counts;
        Instant now = clock.instant();
        if (known.time().isBefore(now.minus(FRESH))) {
            try {
                known = new Counts(now, trainings.count());
                counts = known;
            } catch (DataAccessException e) {
                return Double.NaN;
            }
        }
        return known.trainings().getOrDefault(status, 0L);
    }
}
