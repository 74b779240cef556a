package io.github.latentdock.dataset;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.stereotype.Component;

/**
 * The numbers that operators watch; their names are part of the service's contract. How many uploads there are, how they end and
 * how long they take, those of HTTP tell already.
 */
@Component
final class DatasetMeters {

    private final Counter rows;
    private final Counter bytes;

    DatasetMeters(MeterRegistry registry) {
        this.rows = Counter.builder("latentdock.datasets.rows")
                .description("Examples in the datasets that were added here")
                .register(registry);
        this.bytes = Counter.builder("latentdock.datasets.values")
                .baseUnit("bytes")
                .description("What their values take on the disk")
                .register(registry);
    }

    void added(Dataset dataset) {
        rows.increment(dataset.rows());
        bytes.increment(
                dataset.bytes((long) dataset.size() * dataset.elementType().bytes()));
    }
}
