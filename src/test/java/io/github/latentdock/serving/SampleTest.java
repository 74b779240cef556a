package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Pictures;
import io.github.latentdock.testing.RunningService;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** New examples from a density of latents, and the ways between two of them. */
class SampleTest extends RunningService {

    @ParameterizedTest
    @FieldSource({"ENCODERS", "AUTO_DECODERS"})
    void aSeedGivesTheSameSamplesWhateverTheCount(String model) {
        Answer four = sample(model, Map.of("count", 4, "seed", 3));
        assertThat(four.status()).as(four.text()).isEqualTo(200);
        Answer again = sample(model, Map.of("count", 4, "seed", 3));
        assertThat(again.json().path("instances")).isEqualTo(four.json().path("instances"));
        Answer many = sample(model, Map.of("count", 150, "seed", 3));
        float[] latents = four.floats("latents");
        assertThat(Arrays.copyOf(many.floats("latents"), latents.length)).isEqualTo(latents);
        float[] instances = four.floats("instances");
        float[] first = Arrays.copyOf(many.floats("instances"), instances.length);
        for (int i = 0; i < instances.length; i++) {
            assertThat(first[i]).isCloseTo(instances[i], within(2e-6f));
        }
        assertThat(sample(model, Map.of("count", 4, "seed", 4)).floats("latents"))
                .isNotEqualTo(latents);
    }

    @Test
    void anAnswerTellsTheSeedThatRepeatsIt() {
        Answer first = sample("fashion-vae", Map.of("count", 2));
        Answer again = sample(
                "fashion-vae",
                Map.of("count", 2, "seed", first.json().path("seed").asLong()));
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(sample("fashion-vae", Map.of("count", 2)).json().path("seed"))
                .isNotEqualTo(first.json().path("seed"));
    }

    @Test
    void theMixtureIsTheDefaultWhereThereAreCodes() {
        assertThat(sample("fashion-ad", Map.of("count", 1))
                        .json()
                        .path("source")
                        .asString())
                .isEqualTo("mixture");
        assertThat(sample("fashion-ae-ts", Map.of("count", 1))
                        .json()
                        .path("source")
                        .asString())
                .isIn("mixture", "prior");
    }

    @Test
    void thePriorIsTheStandardNormalAndTemperatureScalesIt() {
        float[] standard = sample("fashion-vae", Map.of("count", 1000, "seed", 1, "source", "prior"))
                .floats("latents");
        double square = 0;
        for (float value : standard) {
            square += value * value;
        }
        // 16 000 squares of mean 1 and variance 2: a standard error of 0.011.
        assertThat(square / standard.length).isCloseTo(1, within(0.05));
        float[] half = sample("fashion-vae", Map.of("count", 1000, "seed", 1, "source", "prior", "temperature", 0.5))
                .floats("latents");
        assertThat(half[7]).isCloseTo(standard[7] / 2, within(1e-6f));
    }

    @Test
    void theGaussianHasTheMeanOfTheCodesAtTemperatureZero() {
        float[] latents = sample("fashion-ad", Map.of("count", 2, "source", "gaussian", "temperature", 0))
                .floats("latents");
        assertThat(Arrays.copyOf(latents, 32)).isEqualTo(Arrays.copyOfRange(latents, 32, 64));
    }

    @Test
    void samplesComeAsAGridOfPictures() {
        Answer answer = http.post(
                "/v1/models/fashion-vae/sample",
                "application/json",
                "{\"count\": 16, \"seed\": 7}".getBytes(StandardCharsets.UTF_8),
                "Accept",
                "image/png");
        BufferedImage grid = Pictures.image(answer.body());
        assertThat(grid.getWidth()).isEqualTo(grid.getHeight()).isBetween(4 * 28, 4 * 28 + 5 * 2);
        assertThat(grid.getRaster().getNumBands()).isEqualTo(1);
    }

    @Test
    void aPosteriorIsDrawnRepeatably() {
        Object x = Http.nested(expected("fashion-vae").get("x").values(), 8, 1, 28, 28);
        String path = "/v1/models/fashion-vae/encode";
        Answer mean = http.post(path, Map.of("instances", x));
        Answer drawn = http.post(path, Map.of("instances", x, "draw", true, "seed", 5));
        assertThat(http.post(path, Map.of("instances", x, "draw", true, "seed", 5))
                        .floats("latents"))
                .isEqualTo(drawn.floats("latents"));
        double sum = 0;
        for (int i = 0; i < 128; i++) {
            double deviation = Math.exp(mean.floats("logVariances")[i] / 2);
            sum += Math.pow((drawn.floats("latents")[i] - mean.floats("latents")[i]) / deviation, 2);
        }
        // Mean of 128 squares of standard normals: standard error 0.125.
        assertThat(sum / 128).isCloseTo(1, within(0.5));
    }

    @ParameterizedTest
    @FieldSource("ENCODERS")
    void interpolatesBetweenInstancesOrTheirLatents(String model) {
        float[] x = expected(model).get("x").values();
        Object a = Http.nested(Arrays.copyOf(x, 784), 1, 1, 28, 28);
        Object b = Http.nested(Arrays.copyOfRange(x, 784, 1568), 1, 1, 28, 28);
        String path = "/v1/models/%s/".formatted(model);
        Answer between = http.post(path + "interpolate", Map.of("from", a, "to", b, "steps", 5));
        assertThat(between.status()).as(between.text()).isEqualTo(200);
        float[] latents = between.floats("latents");
        int size = latents.length / 5;
        assertThat(between.json().path("instances").path(0)).hasSize(5);
        float[] ends = http.post(path + "encode", Map.of("instances", List.of(((Object[]) a)[0], ((Object[]) b)[0])))
                .floats("latents");
        for (int i = 0; i < size; i++) {
            assertThat(latents[i]).isCloseTo(ends[i], within(2e-5f));
            assertThat(latents[4 * size + i]).isCloseTo(ends[size + i], within(2e-5f));
            assertThat(latents[2 * size + i]).isCloseTo((ends[i] + ends[size + i]) / 2, within(2e-5f));
        }
        Answer ofLatents = http.post(
                path + "interpolate",
                Map.of(
                        "from",
                        Http.nested(Arrays.copyOf(ends, size), 1, size),
                        "to",
                        Http.nested(Arrays.copyOfRange(ends, size, 2 * size), 1, size),
                        "steps",
                        3,
                        "path",
                        "spherical"));
        float[] arc = Arrays.copyOfRange(ofLatents.floats("latents"), size, 2 * size);
        // Half-way on the arc, the norm lies between those of the ends.
        assertThat(norm(arc))
                .isBetween(
                        Math.min(norm(Arrays.copyOf(ends, size)), norm(Arrays.copyOfRange(ends, size, 2 * size)))
                                * 0.999,
                        Math.max(norm(Arrays.copyOf(ends, size)), norm(Arrays.copyOfRange(ends, size, 2 * size)))
                                * 1.001);
    }

    @Test
    void interpolationIsARowOfPictures() {
        Answer answer = http.post(
                "/v1/models/fashion-vae/interpolate",
                "application/json",
                "{\"from\": [[%1$s]], \"to\": [[%2$s]], \"steps\": 6}"
                        .formatted(
                                String.join(",", java.util.Collections.nCopies(16, "-1")),
                                String.join(",", java.util.Collections.nCopies(16, "1")))
                        .getBytes(StandardCharsets.UTF_8),
                "Accept",
                "image/png");
        BufferedImage strip = Pictures.image(answer.body());
        assertThat(strip.getWidth()).isGreaterThanOrEqualTo(6 * 28);
        assertThat(strip.getHeight()).isLessThan(2 * 28);
    }

    @Test
    void scoresAreErrorsAmongThoseOfHeldOutData() {
        float[] x = expected("fashion-ae").get("x").values().clone();
        for (int i = 0; i < 784; i++) {
            x[i] = (i / 3 + i / 84) % 2;
        }
        Answer answer = http.post(
                "/v1/models/fashion-ae/score",
                Map.of("instances", Http.nested(x, 8, 1, 28, 28), "falseAlarmRate", 0.05));
        float[] errors = http.post(
                        "/v1/models/fashion-ae/reconstruct", Map.of("instances", Http.nested(x, 8, 1, 28, 28)))
                .floats("errors");
        assertThat(answer.floats("scores")).isEqualTo(errors);
        assertThat(answer.json().path("anomalous").path(0).asBoolean()).isTrue();
        assertThat(answer.json().path("quantiles").path(0).asDouble()).isEqualTo(1);
        assertThat(answer.json().path("quantiles").path(1).asDouble()).isBetween(0d, 0.99);
        Answer unknown = http.post(
                "/v1/models/fashion-ad-ts/score",
                Map.of("instances", Http.nested(Arrays.copyOf(x, 784), 1, 1, 28, 28)));
        assertThat(unknown.json().path("quantiles").isNull()).isTrue();
        assertThat(unknown.json().path("anomalous").isNull()).isTrue();
    }

    private Answer sample(String model, Map<String, ?> body) {
        return http.post("/v1/models/%s/sample".formatted(model), body);
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }
}
