package io.github.latentdock.inference;

import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.springframework.stereotype.Component;

/** The numbers that operators watch; their names are part of the service's contract. */
@Component
final class InferenceMeters {

    private static final Duration[] SECONDS = LongStream.of(
                    500,
                    1_000,
                    2_500,
                    5_000,
                    10_000,
                    25_000,
                    50_000,
                    100_000,
                    250_000,
                    500_000,
                    1_000_000,
                    2_500_000,
                    5_000_000,
                    10_000_000,
                    30_000_000,
                    60_000_000)
            .mapToObj(micros -> Duration.of(micros, java.time.temporal.ChronoUnit.MICROS))
            .toArray(Duration[]::new);
    private static final double[] ROWS =
            DoubleStream.iterate(1, rows -> rows <= 1024, rows -> rows * 2).toArray();

    private static final String QUEUE_ROWS = "latentdock.queue.rows";

    private final MeterRegistry registry;

    /** To build a meter that there is already costs more than to record. */
    private final Map<Series, Timer> answered = new ConcurrentHashMap<>();

    private final Map<Series, Timer> queued = new ConcurrentHashMap<>();
    private final Map<Series, DistributionSummary> batches = new ConcurrentHashMap<>();

    private record Series(String model, String operation, String outcome) {}

    InferenceMeters(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("latentdock.native.memory", NativeMemory::bytes)
                .baseUnit("bytes")
                .description(
                        "Resident memory that is neither Java's heap nor its metaspace: weights, activations, libraries")
                .register(registry);
    }

    void answered(String model, String operation, String outcome, long nanos) {
        answered.computeIfAbsent(
                        new Series(model, operation, outcome),
                        series -> Timer.builder("latentdock.inference")
                                .description("From the request's arrival to its answer")
                                .tag("model", model)
                                .tag("operation", operation)
                                .tag("outcome", outcome)
                                .serviceLevelObjectives(SECONDS)
                                .register(registry))
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    void queued(String model, String operation, long nanos) {
        queued.computeIfAbsent(
                        new Series(model, operation, ""),
                        series -> Timer.builder("latentdock.queue")
                                .description("Waiting for a lane")
                                .tag("model", model)
                                .tag("operation", operation)
                                .serviceLevelObjectives(SECONDS)
                                .register(registry))
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    void batch(String model, String operation, int rows) {
        batches.computeIfAbsent(
                        new Series(model, operation, ""),
                        series -> DistributionSummary.builder("latentdock.batch.rows")
                                .description("Rows that went through a network together")
                                .tag("model", model)
                                .tag("operation", operation)
                                .serviceLevelObjectives(ROWS)
                                .register(registry))
                .record(rows);
    }

    void rejected(String reason) {
        Counter.builder("latentdock.rejections")
                .description("Requests that were not computed, by reason")
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    /** Counts a request that was given up, by the reason it is answered with. */
    RuntimeException counted(RuntimeException reason) {
        switch (reason) {
            case ClientGoneException gone -> rejected("cancelled");
            case Problem problem when problem.fault() == Fault.DEADLINE_EXCEEDED -> rejected("deadline");
            case Problem problem when problem.fault() == Fault.UNAVAILABLE -> rejected("unavailable");
            default -> {}
        }
        return reason;
    }

    void gaugeBusyLanes(java.util.function.Supplier<Number> busy) {
        Gauge.builder("latentdock.lanes.busy", busy)
                .description("Lanes that run native code now")
                .register(registry);
    }

    /** The gauge holds its object weakly: it goes with the object. */
    <T> void gauge(String name, String description, T object, ToDoubleFunction<T> value) {
        Gauge.builder(name, object, value).description(description).register(registry);
    }

    /**
     * Shows the rows that wait in a model's queues, until it is closed. A version that is loaded again takes the place of the
     * one before, which may close later.
     */
    void watchQueues(LoadedModel model, ToDoubleFunction<LaneQueue<?, ?>> rows) {
        List<Gauge> gauges = model.queues().stream()
                .map(queue -> {
                    Tags tags = Tags.of(
                            "model",
                            model.name(),
                            "version",
                            String.valueOf(model.version()),
                            "operation",
                            queue.operation);
                    registry.find(QUEUE_ROWS).tags(tags).gauges().forEach(registry::remove);
                    return Gauge.<LaneQueue<?, ?>>builder(QUEUE_ROWS, queue, rows)
                            .description("Rows that wait for a lane")
                            .tags(tags)
                            .register(registry);
                })
                .toList();
        model.onClose(() -> registry.getMeters().stream()
                .filter(meter -> gauges.stream().anyMatch(gauge -> gauge == meter))
                .forEach(registry::remove));
    }
}
