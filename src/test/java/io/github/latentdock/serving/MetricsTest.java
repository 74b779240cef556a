package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Metrics;
import io.github.latentdock.testing.Multipart;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import io.github.latentdock.training.LeastSquares;
import java.nio.charset.StandardCharsets;
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
        train("everything");

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
    void aTrainingIsCountedByItsStatusAndShowsItsLoss() {
        String succeeded = "status=\"succeeded\"";
        Metrics before = Metrics.of(http);
        train("observed");
        // Of one scrape all counts are from one query, and they are kept for a second.
        Waiting.until(
                "it is counted",
                () -> Metrics.of(http).sum("latentdock_trainings", succeeded)
                        > before.sum("latentdock_trainings", succeeded));

        Metrics after = Metrics.of(http);
        assertThat(after.matching("latentdock_trainings")).hasSize(6);
        assertThat(after.sum("latentdock_training_epoch_loss", "model=\"metrics-observed\""))
                .isPositive();
        String speed = "latentdock_training_images_per_second";
        assertThat(after.has(speed, "model=\"metrics-observed\"")).isTrue();
        Waiting.until(
                "nothing is trained any more", () -> Metrics.of(http).sum(speed, "model=\"metrics-observed\"") == 0);
    }

    @Test
    void anUploadedDatasetIsCountedWithItsRowsAndBytes() {
        Metrics before = Metrics.of(http);
        byte[] csv = "1,2\n3,4\n5,6\n".getBytes(StandardCharsets.UTF_8);
        for (int status : List.of(201, 200)) {
            byte[] upload = new Multipart()
                    .field("name", "metrics")
                    .file("file", "x.csv", csv)
                    .bytes();
            assertThat(http.post("/v1/datasets", Multipart.CONTENT_TYPE, upload).status())
                    .isEqualTo(status);
        }
        http.delete("/v1/datasets/metrics");
        Metrics after = Metrics.of(http);

        String rows = "latentdock_datasets_rows_total";
        String bytes = "latentdock_datasets_values_bytes_total";
        assertThat(after.sum(rows) - before.sum(rows)).isEqualTo(3);
        assertThat(after.sum(bytes) - before.sum(bytes)).isEqualTo(24);
        String[] uploads = {"method=\"POST\"", "uri=\"/v1/datasets\"", "status=\"201\""};
        assertThat(after.sum("http_server_requests_seconds_count", uploads)
                        - before.sum("http_server_requests_seconds_count", uploads))
                .isEqualTo(1);
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

    /** Two short epochs, and nothing left of them but the metrics. */
    private void train(String name) {
        String model = "metrics-" + name;
        Http.Answer taken = http.post(
                "/v1/trainings",
                Map.of(
                        "model",
                        model,
                        "dataset",
                        LeastSquares.DATASET,
                        "objective",
                        Map.of("type", "ad"),
                        "network",
                        Map.of("steps", 3),
                        "epochs",
                        2));
        assertThat(taken.status()).as(taken.text()).isEqualTo(202);
        Waiting.until(
                "it is trained",
                () -> http.get(taken.header("Location"))
                        .json()
                        .path("status")
                        .asString()
                        .equals("SUCCEEDED"));
        assertThat(http.delete("/v1/models/%s/versions/1".formatted(model)).status())
                .isEqualTo(204);
    }

    private void exceedADeadline() {
        byte[] search = "{\"instances\": %s, \"starts\": 64, \"maxIterations\": 10000, \"tolerance\": 0}"
                .formatted(Arrays.deepToString((Object[]) Http.nested(new float[8 * 784], 8, 1, 28, 28)))
                .getBytes(StandardCharsets.UTF_8);
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
