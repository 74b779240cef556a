package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.Npz.Array;
import io.github.latentdock.testing.RunningService;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The references against PyTorch's own outputs. Sums of some hundred float32 products, in another order, differ by
 * about 1e-6 of values near 1; latents are of the order of 10.
 */
class ReferenceTest extends RunningService {

    private static final float OF_LATENTS = 2e-5f;
    private static final float OF_PIXELS = 2e-6f;

    @ParameterizedTest
    @FieldSource("ENCODERS")
    void encodesAsPyTorchDoes(String model) {
        Npz expected = expected(model);
        Answer answer = http.post("/v1/models/%s/encode".formatted(model), instances(expected.get("x")));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertClose(answer.floats("latents"), expected.get(expected.has("mean") ? "mean" : "z"), OF_LATENTS);
        if (expected.has("log_variance")) {
            assertClose(answer.floats("logVariances"), expected.get("log_variance"), OF_LATENTS);
        } else {
            assertThat(answer.json().has("logVariances")).isFalse();
        }
    }

    @ParameterizedTest
    @FieldSource("ENCODERS")
    void reconstructsAsPyTorchDoes(String model) {
        Npz expected = expected(model);
        Answer answer = http.post("/v1/models/%s/reconstruct".formatted(model), instances(expected.get("x")));
        assertClose(answer.floats("instances"), expected.get("reconstruction"), OF_PIXELS);
        assertThat(answer.floats("errors")).hasSize(8);
        assertThat(answer.floats("errors")[3])
                .isCloseTo(
                        meanSquaredError(
                                expected.get("x").row(3),
                                expected.get("reconstruction").row(3)),
                        within(1e-6f));
    }

    @ParameterizedTest
    @FieldSource("ENCODERS")
    void reconstructsRawFloatsAsPyTorchDoes(String model) {
        Npz expected = expected(model);
        Answer answer = http.post(
                "/v1/models/%s/reconstruct".formatted(model),
                "application/octet-stream",
                Http.raw(expected.get("x").values()),
                "Accept",
                "application/octet-stream");
        assertThat(answer.header("Content-Type")).isEqualTo("application/octet-stream");
        assertClose(answer.floats(), expected.get("reconstruction"), OF_PIXELS);
    }

    @ParameterizedTest
    @FieldSource({"ENCODERS", "AUTO_DECODERS"})
    void decodesAsPyTorchDoes(String model) {
        Npz expected = expected(model);
        boolean hasEncoder = expected.has("z_random");
        Array z = expected.get(hasEncoder ? "z_random" : "z");
        Answer answer = http.post(
                "/v1/models/%s/decode".formatted(model), Map.of("latents", Http.nested(z.values(), z.shape())));
        assertClose(answer.floats("instances"), expected.get(hasEncoder ? "decoded_random" : "decoded"), OF_PIXELS);
    }

    @ParameterizedTest
    @FieldSource({"ENCODERS", "AUTO_DECODERS"})
    void anInstanceIsAnsweredTheSameAloneAsAmongOthers(String model) {
        Npz expected = expected(model);
        Array z = expected.get(expected.has("z_random") ? "z_random" : "z");
        String path = "/v1/models/%s/decode".formatted(model);
        float[] together = http.post(path, Map.of("latents", Http.nested(z.values(), z.shape())))
                .floats("instances");
        float[] alone = http.post(path, Map.of("latents", Http.nested(z.row(2), 1, z.shape()[1])))
                .floats("instances");
        for (int i = 0; i < alone.length; i++) {
            assertThat(alone[i]).isCloseTo(together[2 * alone.length + i], within(OF_PIXELS));
        }
    }

    private static Map<String, Object> instances(Array x) {
        return Map.of("instances", Http.nested(x.values(), x.shape()));
    }

    private static float meanSquaredError(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return (float) (sum / a.length);
    }

    private static void assertClose(float[] actual, Array expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected.values());
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("value %d", i).isCloseTo(expected.values()[i], within(tolerance));
        }
    }
}
