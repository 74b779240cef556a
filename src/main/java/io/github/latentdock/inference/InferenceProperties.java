package io.github.latentdock.inference;

import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * How much the service computes at once, and how much it takes.
 *
 * @param lanes platform threads that run native code; 0 for as many as the process has cores
 * @param batchRows rows that go through a network together
 * @param queueRows rows that may wait for one operation of one model; more are refused with 429
 * @param maxRows rows in one request
 * @param maxIterations iterations that a request may ask of the latent optimiser
 * @param maxStarts start points that a request may ask of the latent optimiser
 * @param maxBody bytes in the body of one request
 * @param maxBodies bytes that the bodies of all requests under way, their tensors and their answers may hold, but never more
 *     than a sixth of the heap; what does not fit in is refused with 429, or 413 when it never could
 * @param bodyTimeout how long a body may take to arrive
 * @param timeout what a request without {@code X-Timeout-Ms} is given
 * @param maxTimeout what a request may ask for with {@code X-Timeout-Ms}
 * @param drain how long requests under way may take after the process was told to stop
 * @param idle how long a version that no alias names stays loaded after its last request
 */
@Validated
@ConfigurationProperties("latentdock.inference")
record InferenceProperties(
        @DefaultValue("0") @Min(0) int lanes,
        @DefaultValue("64") @Positive int batchRows,
        @DefaultValue("4096") @Positive int queueRows,
        @DefaultValue("1024") @Positive int maxRows,
        @DefaultValue("10000") @Positive int maxIterations,
        @DefaultValue("64") @Positive int maxStarts,
        @DefaultValue("64MB") DataSize maxBody,
        @DefaultValue("256MB") DataSize maxBodies,
        @DefaultValue("60s") Duration bodyTimeout,
        @DefaultValue("30s") Duration timeout,
        @DefaultValue("10m") Duration maxTimeout,
        @DefaultValue("20s") Duration drain,
        @DefaultValue("10m") Duration idle) {

    InferenceProperties {
        if (maxRows > queueRows) {
            throw new IllegalArgumentException(
                    "latentdock.inference.max-rows is %d, more than queue-rows, which is %d: such a request would never be taken"
                            .formatted(maxRows, queueRows));
        }
    }

    int laneCount() {
        return lanes > 0 ? lanes : Runtime.getRuntime().availableProcessors();
    }
}
