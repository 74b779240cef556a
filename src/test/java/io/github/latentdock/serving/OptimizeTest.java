package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Metrics;
import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.Npz.Array;
import io.github.latentdock.testing.Pictures;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Test-time latent optimisation over HTTP, against what 800 steps of Adam reach in PyTorch. */
class OptimizeTest extends RunningService {

    /** What the service promises: within one percent of Adam's objective, summed over the examples. */
    private static final double OF_ADAM = 1.01;

    @ParameterizedTest
    @FieldSource({"ENCODERS", "AUTO_DECODERS"})
    void reachesWhatAdamReaches(String model) {
        Npz expected = expected(model);
        Answer answer = optimize(model, Map.of("instances", nested(expected.get("fit_x")), "prior", 0.01));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(sum(answer.floats("objectives")))
                .isLessThan(OF_ADAM * sum(expected.get("fit_objective_adam800").values()));
        assertThat(answer.json().path("iterations")).hasSize(8);
        assertThat(answer.json().path("converged")).hasSize(8);
    }

    @ParameterizedTest
    @FieldSource({"ENCODERS", "AUTO_DECODERS"})
    void reachesWhatAdamReachesFromTheTopHalf(String model) {
        Npz expected = expected(model);
        Answer answer = optimize(
                model,
                Map.of(
                        "instances", nested(expected.get("fit_x")),
                        "mask", nested(expected.get("fit_mask_top_half")),
                        "prior", 0.01));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(sum(answer.floats("objectives")))
                .isLessThan(OF_ADAM
                        * sum(expected.get("fit_masked_objective_adam800").values()));
    }

    @ParameterizedTest
    @FieldSource({"ENCODERS", "AUTO_DECODERS"})
    void theObjectiveIsThatOfTheLatentAndTheInstanceIsItsDecoding(String model) {
        Npz expected = expected(model);
        Array x = expected.get("fit_x");
        Answer answer = optimize(model, Map.of("instances", nested(x), "prior", 0.02));
        float[] latents = answer.floats("latents");
        float[] instances = answer.floats("instances");
        Answer decoded = http.post(
                "/v1/models/%s/decode".formatted(model),
                Map.of("latents", Http.nested(latents, 8, latents.length / 8)));
        float[] again = decoded.floats("instances");
        for (int row = 0; row < 8; row++) {
            double objective = 0;
            for (int i = row * 784; i < (row + 1) * 784; i++) {
                assertThat(instances[i]).isCloseTo(again[i], within(2e-6f));
                objective += Math.pow(x.values()[i] - again[i], 2);
            }
            for (int i = row * latents.length / 8; i < (row + 1) * latents.length / 8; i++) {
                objective += 0.02 * latents[i] * latents[i];
            }
            assertThat(answer.json().path("objectives").path(row).asDouble())
                    .isCloseTo(objective, within(1e-4 * objective));
        }
    }

    @ParameterizedTest
    @FieldSource({"ENCODERS", "AUTO_DECODERS"})
    void anInstanceIsAnsweredTheSameAloneAsAmongOthers(String model) {
        Array x = expected(model).get("fit_x");
        float[] together = optimize(model, Map.of("instances", nested(x))).floats("latents");
        float[] alone = optimize(model, Map.of("instances", Http.nested(x.row(5), 1, 1, 28, 28)))
                .floats("latents");
        float[] fifth = Arrays.copyOfRange(together, 5 * alone.length, 6 * alone.length);
        for (int i = 0; i < alone.length; i++) {
            assertThat(alone[i]).isCloseTo(fifth[i], within(1e-5f));
        }
    }

    @Test
    void whatWasNotObservedIsNeverRead() {
        Npz expected = expected("fashion-ad");
        Array x = expected.get("fit_x");
        Array mask = expected.get("fit_mask_top_half");
        float[] other = x.values().clone();
        for (int i = 0; i < other.length; i++) {
            other[i] = mask.values()[i] == 1 ? other[i] : 1e6f;
        }
        Answer one = optimize("fashion-ad", Map.of("instances", nested(x), "mask", nested(mask)));
        Answer two =
                optimize("fashion-ad", Map.of("instances", Http.nested(other, 8, 1, 28, 28), "mask", nested(mask)));
        assertThat(two.floats("latents")).isEqualTo(one.floats("latents"));
    }

    @Test
    void aPicturesAlphaIsItsMask() {
        Npz expected = expected("fashion-ad");
        float[] x = expected.get("fit_x").row(0);
        float[] mask = expected.get("fit_mask_top_half").row(0);
        byte[] png = Pictures.greyWithAlpha(x, mask, 28, 28);
        Answer picture = http.post("/v1/models/fashion-ad/optimize?prior=0.01", "image/png", png);
        assertThat(picture.status()).as(picture.text()).isEqualTo(200);
        float[] rounded = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            rounded[i] = mask[i] * Math.round(x[i] * 255) / 255f;
        }
        Answer json = optimize(
                "fashion-ad",
                Map.of(
                        "instances", Http.nested(rounded, 1, 1, 28, 28),
                        "mask", Http.nested(mask, 1, 1, 28, 28),
                        "prior", 0.01));
        assertThat(picture.floats("objectives")).isEqualTo(json.floats("objectives"));
        byte[] filledIn = http.post("/v1/models/fashion-ad/optimize", "image/png", png, "Accept", "image/png")
                .body();
        assertThat(Pictures.grey(filledIn)).hasSize(784);
    }

    @Test
    void moreStartsAreNeverWorse() {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("instances", nested(expected("fashion-vae").get("fit_x")));
        body.put("seed", 5);
        float[] one = optimize("fashion-vae", body).floats("objectives");
        body.put("starts", 4);
        float[] four = optimize("fashion-vae", body).floats("objectives");
        assertThat(optimize("fashion-vae", body).floats("objectives")).isEqualTo(four);
        for (int i = 0; i < one.length; i++) {
            assertThat(four[i]).isLessThanOrEqualTo(one[i]);
        }
    }

    @Test
    void iterationsAreBounded() {
        Answer answer = optimize(
                "fashion-vae",
                Map.of("instances", nested(expected("fashion-vae").get("fit_x")), "maxIterations", 3, "tolerance", 0));
        for (JsonNode iterations : answer.json().path("iterations")) {
            assertThat(iterations.asInt()).isBetween(1, 3);
        }
        assertThat(answer.json().path("converged").path(0).asBoolean()).isFalse();
    }

    @Test
    void theLikelihoodOfTheManifestCanBeTheLoss() {
        Npz expected = expected("fashion-vae");
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("instances", nested(expected.get("fit_x")));
        body.put("loss", "likelihood");
        Answer answer = optimize("fashion-vae", body);
        float[] x = expected.get("fit_x").row(0);
        float[] decoded = Arrays.copyOf(answer.floats("instances"), 784);
        float[] z = Arrays.copyOf(answer.floats("latents"), 16);
        double crossEntropy = IntStream.range(0, 784)
                .mapToDouble(i -> -x[i] * Math.log(decoded[i]) - (1 - x[i]) * Math.log1p(-decoded[i]))
                .sum();
        double prior =
                IntStream.range(0, 16).mapToDouble(i -> 0.01 * z[i] * z[i]).sum();
        assertThat(answer.json().path("objectives").path(0).asDouble())
                .isCloseTo(crossEntropy + prior, within(1e-3 * crossEntropy));
    }

    @Test
    void theDeadlineIsHonouredBetweenIterations() {
        Answer answer = http.post(
                "/v1/models/fashion-vae/optimize",
                "application/json",
                JsonMapper.shared()
                        .writeValueAsBytes(Map.of(
                                "instances", nested(expected("fashion-vae").get("fit_x")),
                                "starts", 64,
                                "maxIterations", 10_000,
                                "tolerance", 0)),
                "X-Timeout-Ms",
                "200");
        assertThat(answer.status()).as(answer.text()).isEqualTo(504);
        assertThat(answer.json().path("type").asString()).endsWith("deadline-exceeded");
        assertThat(answer.json().path("detail").asString()).contains("200 ms");
    }

    @Test
    void theObjectiveCanBeWatchedWhileItFalls() {
        Answer plain = optimize(
                "fashion-ad", Map.of("instances", nested(expected("fashion-ad").get("fit_x"))));
        Answer events = http.post(
                "/v1/models/fashion-ad/optimize",
                "application/json",
                JsonMapper.shared()
                        .writeValueAsBytes(Map.of(
                                "instances", nested(expected("fashion-ad").get("fit_x")))),
                "Accept",
                "text/event-stream");
        assertThat(events.header("Content-Type")).startsWith("text/event-stream");
        List<JsonNode> progress = new ArrayList<>();
        List<JsonNode> results = new ArrayList<>();
        for (String event : events.text().split("\n\n")) {
            JsonNode data = JsonMapper.shared().readTree(event.substring(event.indexOf("data: ") + 6));
            (event.startsWith("event: progress") ? progress : results).add(data);
        }
        assertThat(results).hasSize(1);
        assertThat(results.getFirst().path("objectives")).isEqualTo(plain.json().path("objectives"));
        assertThat(results.getFirst().path("latents")).isEqualTo(plain.json().path("latents"));
        double last = Double.POSITIVE_INFINITY;
        for (JsonNode step : progress) {
            double sum = 0;
            for (JsonNode objective : step.path("objectives")) {
                sum += objective.asDouble();
            }
            assertThat(sum).isLessThanOrEqualTo(last);
            last = sum;
        }
        assertThat(progress).isNotEmpty();
    }

    @Test
    void aSearchThatMeetsItsDeadlineTellsHowLongItRan() {
        Answer answer = http.post(
                "/v1/models/fashion-vae/optimize",
                "application/json",
                JsonMapper.shared()
                        .writeValueAsBytes(Map.of(
                                "instances", nested(expected("fashion-vae").get("fit_x")),
                                "starts", 64,
                                "maxIterations", 10_000,
                                "tolerance", 0)),
                "X-Timeout-Ms",
                "1000");

        assertThat(answer.status()).isEqualTo(504);
        String timing = answer.header("Server-Timing");
        double infer = Double.parseDouble(timing.substring(timing.lastIndexOf('=') + 1));
        // Of a second, what the body and the queue have not taken.
        assertThat(infer).as(timing).isGreaterThan(100);
    }

    @Test
    void aStreamThatMeetsItsDeadlineEndsWithAProblemAndIsNoSuccess() {
        double before = rejected();
        Answer events = stream(
                Map.of(
                        "instances", nested(expected("fashion-vae").get("fit_x")),
                        "starts", 64,
                        "maxIterations", 10_000,
                        "tolerance", 0),
                "1500");

        assertThat(events.status()).isEqualTo(200);
        assertThat(events.header("X-Model-Version")).isEqualTo("1");
        assertThat(events.header("Server-Timing")).matches("queue;dur=[0-9.]+");
        String[] all = events.text().split("\n\n");
        assertThat(all[0]).startsWith("event: progress");
        String last = all[all.length - 1];
        assertThat(last).startsWith("event: problem\ndata: ");
        JsonNode problem = JsonMapper.shared().readTree(last.substring(last.indexOf("data: ") + 6));
        assertThat(problem.path("type").asString()).isEqualTo("urn:latentdock:problem:deadline-exceeded");
        assertThat(problem.path("status").asInt()).isEqualTo(504);
        assertThat(problem.path("title").asString()).isEqualTo("Gateway Timeout");
        assertThat(problem.path("detail").asString()).contains("1500 ms");
        assertThat(problem.path("instance").asString()).isEqualTo("/v1/models/fashion-vae/optimize");
        Waiting.until("it is counted as rejected", () -> rejected() == before + 1);
    }

    @Test
    void aStreamThatNeverBeginsIsAPlainProblemOfItsVersion() {
        Answer refused =
                stream(Map.of("instances", nested(expected("fashion-vae").get("fit_x")), "starts", 64), "1");

        assertThat(refused.status()).isEqualTo(504);
        assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(refused.header("X-Model-Version")).isEqualTo("1");
    }

    private double rejected() {
        return Metrics.of(http)
                .sum(
                        "latentdock_inference_seconds_count",
                        "model=\"fashion-vae\"",
                        "operation=\"optimizeEvents\"",
                        "outcome=\"rejected\"");
    }

    private Answer stream(Map<String, ?> body, String timeoutMillis) {
        return http.post(
                "/v1/models/fashion-vae/optimize",
                "application/json",
                JsonMapper.shared().writeValueAsBytes(body),
                "Accept",
                "text/event-stream",
                "X-Timeout-Ms",
                timeoutMillis);
    }

    @Test
    void encodeAndReconstructOfAnAutoDecoderOptimiseWhenTold() {
        Array x = expected("fashion-ad").get("fit_x");
        float[] optimized =
                optimize("fashion-ad", Map.of("instances", nested(x))).floats("latents");
        Answer encoded = http.post("/v1/models/fashion-ad/encode?optimize=true", Map.of("instances", nested(x)));
        assertThat(encoded.floats("latents")).isEqualTo(optimized);
        Answer reconstructed =
                http.post("/v1/models/fashion-ad/reconstruct?optimize=true", Map.of("instances", nested(x)));
        Answer denoised = http.post("/v1/models/fashion-ad/denoise", Map.of("instances", nested(x)));
        assertThat(denoised.floats("instances")).isEqualTo(reconstructed.floats("instances"));
    }

    private Answer optimize(String model, Map<String, ?> body) {
        return http.post("/v1/models/%s/optimize".formatted(model), body);
    }

    private static Object nested(Array array) {
        return Http.nested(array.values(), array.shape());
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }
}
