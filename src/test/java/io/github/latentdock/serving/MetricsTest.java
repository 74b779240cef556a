package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Metrics;
import io.github.latentdock.testing.RunningService;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What operators see. */
class MetricsTest extends RunningService {

    private static final String[] ENCODE = {"model=\"fashion-ae\"", "operation=\"encode\""};

    @Test
    void everyMetricIsPublished() {
        encode(1);
        exceedADeadline();

        assertThat(Metrics.of(http).names()).containsAll(Metrics.PUBLISHED);
    }

    @Test
    void aRequestIsCountedWithItsRowsItsWaitAndItsTime() {
        encode(1);
        Metrics before = Metrics.of(http);
        encode(5);
        Metrics after = Metrics.of(http);

        assertThat(grown("latentdock_inference_seconds_count", before, after)).isEqualTo(1);
        assertThat(grown("latentdock_queue_seconds_count", before, after)).isEqualTo(1);
        assertThat(grown("latentdock_batch_rows_count", before, after)).isEqualTo(1);
        assertThat(grown("latentdock_batch_rows_sum", before, after)).isEqualTo(5);
        assertThat(grown("latentdock_inference_seconds_sum", before, after))
                .isPositive()
                .isGreaterThan(grown("latentdock_queue_seconds_sum", before, after))
                .as("seconds, not another unit")
                .isLessThan(60);
    }

    @Test
    void whatWasWrongIsCountedAsTheClientsMistake() {
        String[] mistakes = Arrays.copyOf(ENCODE, 3);
        mistakes[2] = "outcome=\"client-error\"";
        double before = Metrics.of(http).sum("latentdock_inference_seconds_count", mistakes);
        http.post("/v1/models/fashion-ae/encode", Map.of("instances", List.of(1)));

        assertThat(Metrics.of(http).sum("latentdock_inference_seconds_count", mistakes))
                .isEqualTo(before + 1);
    }

    @Test
    void aPassedDeadlineIsCountedAsARejection() {
        double before = Metrics.of(http).sum("latentdock_rejections_total", "reason=\"deadline\"");
        exceedADeadline();

        assertThat(Metrics.of(http).sum("latentdock_rejections_total", "reason=\"deadline\""))
                .isEqualTo(before + 1);
    }

    @Test
    void timesFallIntoBucketsFromHalfAMillisecondToAMinute() {
        encode(1);
        Metrics metrics = Metrics.of(http);

        for (String histogram : List.of("latentdock_inference_seconds_bucket", "latentdock_queue_seconds_bucket")) {
            assertThat(bounds(metrics, histogram))
                    .as(histogram)
                    .contains(5e-4, 0.001, 0.01, 0.1, 1.0, 10.0, 60.0)
                    .hasSizeLessThan(20);
        }
        assertThat(bounds(metrics, "latentdock_batch_rows_bucket")).contains(1.0, 64.0, 1024.0);
    }

    @Test
    void whatIsLoadedAndWhatMemoryItTakesIsShown() {
        Metrics metrics = Metrics.of(http);

        assertThat(metrics.sum("latentdock_models_loaded")).isGreaterThanOrEqualTo(6);
        // PyTorch's libraries alone take more than 100 MB, and the models are small.
        assertThat(metrics.sum("latentdock_native_memory_bytes")).isBetween(5e7, 4e9);
        assertThat(metrics.matching("latentdock_queue_rows", "model=\"fashion-ae\"", "version=\"1\""))
                .isNotEmpty()
                .allSatisfy((series, rows) -> assertThat(rows).isZero());
    }

    @Test
    void everyAnswerTellsItsVersionItsWaitAndItsTime() {
        Http.Answer answer = encode(1);

        assertThat(answer.header("X-Model-Version")).isEqualTo("1");
        assertThat(answer.header("Server-Timing")).matches("queue;dur=\\d+\\.\\d{3}, infer;dur=\\d+\\.\\d{3}");
    }

    private Http.Answer encode(int rows) {
        return http.post("/v1/models/fashion-ae/encode", "application/octet-stream", Http.raw(new float[rows * 784]));
    }

    private void exceedADeadline() {
        byte[] search = "{\"instances\": %s, \"starts\": 64, \"maxIterations\": 10000, \"tolerance\": 0}"
                .formatted(Arrays.deepToString((Object[]) Http.nested(new float[8 * 784], 8, 1, 28, 28)))
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        assertThat(http.post("/v1/models/fashion-ae/optimize", "application/json", search, "X-Timeout-Ms", "50")
                        .status())
                .isEqualTo(504);
    }

    private static double grown(String name, Metrics before, Metrics after) {
        return after.sum(name, ENCODE) - before.sum(name, ENCODE);
    }

    private static Set<Double> bounds(Metrics metrics, String histogram) {
        Set<Double> bounds = new TreeSet<>();
        for (String series : metrics.matching(histogram, ENCODE).keySet()) {
            String bound = series.replaceAll(".*le=\"([^\"]+)\".*", "$1");
            bounds.add(bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound));
        }
        return bounds;
    }
}
