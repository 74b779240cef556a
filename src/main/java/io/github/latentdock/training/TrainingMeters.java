package io.github.latentdock.training;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.springframework.dao.DataAccessException;

/** The numbers that operators watch; their names are part of the service's contract. */
final class TrainingMeters {

    /** Far more than run at once, so those that are forgotten have long ended. */
    static final int MOST_MODELS = 100;

    /** Of one scrape all gauges are from one query. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final MeterRegistry registry;
    private final Trainings trainings;
    private final InstantSource clock;

    /** The one that was trained last comes last. */
    private final Map<String, Measured> models = new LinkedHashMap<>(16, 0.75f, true);

    private volatile Counts counts = new Counts(Instant.MIN, Map.of());

    private record Counts(Instant time, Map<Status, Long> trainings) {}

    /** What is known of a model, and the gauges that tell. */
    private static final class Measured {

        private final List<Meter> meters = new ArrayList<>();
        private volatile double imagesPerSecond = Double.NaN;
        private volatile double loss = Double.NaN;
    }

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
    synchronized void pace(String model, double images) {
        Measured measured = measured(model);
        if (Double.isNaN(measured.imagesPerSecond)) {
            measured.meters.add(Gauge.builder("latentdock.training.images.per.second", () -> measured.imagesPerSecond)
                    .description("Examples that a training on this replica trains in a second; 0 when none runs")
                    .tag("model", model)
                    .register(registry));
        }
        measured.imagesPerSecond = images;
    }

    synchronized void epoch(String model, EpochMetrics metrics) {
        Measured measured = measured(model);
        if (Double.isNaN(measured.loss)) {
            measured.meters.add(Gauge.builder("latentdock.training.epoch.loss", () -> measured.loss)
                    .description("The loss of the last epoch that ended on this replica")
                    .tag("model", model)
                    .register(registry));
        }
        measured.loss = metrics.training().loss();
    }

    /** Nothing of a model is trained here any more. */
    synchronized void idle(String model) {
        Measured measured = models.get(model);
        if (measured != null && !Double.isNaN(measured.imagesPerSecond)) {
            measured.imagesPerSecond = 0;
        }
    }

    /** In place of the one that was trained longest ago, where there are too many. */
    private Measured measured(String model) {
        Measured known = models.get(model);
        if (known != null) {
            return known;
        }
        if (models.size() == MOST_MODELS) {
            String oldest = models.keySet().iterator().next();
            Objects.requireNonNull(models.remove(oldest)).meters.forEach(registry::remove);
        }
        var measured = new Measured();
        models.put(model, measured);
        return measured;
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
