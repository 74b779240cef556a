package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Pictures;
import io.github.latentdock.testing.ShippedService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Whoever trained them: what is shipped in {@code models/} serves, and is worth looking at. */
class ShippedAnswersTest extends ShippedService {

    private static final Path EXAMPLES = Path.of("examples");

    static List<String> models() {
        return Arrays.stream(Objects.requireNonNull(Path.of("models").toFile().list()))
                .sorted()
                .toList();
    }

    @Test
    void theModelsThatTheDocumentsNameAreThere() {
        assertThat(models()).contains("fashion-ae", "fashion-vae", "fashion-vae-ts", "fashion-ad");
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyVersionIsReady(String model) {
        JsonNode versions = http.get("/v1/models/" + model).json().path("versions");
        assertThat(versions).isNotEmpty();
        assertThat(versions)
                .allSatisfy(version -> assertThat(version.path("state").asString())
                        .as(version.toString())
                        .isEqualTo("READY"));
    }

    /** The mean of all pictures would leave 0.09, sixteen principal components of a thousand of them 0.024. */
    @ParameterizedTest
    @MethodSource("models")
    void everyModelExplainsTheExamples(String model) throws IOException {
        Answer answer = post(model, "reconstruct?optimize=true", "application/x-npy", "four.npy", "application/json");
        float sum = 0;
        for (float error : answer.floats("errors")) {
            sum += error;
        }
        assertThat(answer.floats("errors")).hasSize(4);
        assertThat(sum / 4).isBetween(0.001f, 0.03f);
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyModelHasCodesToSampleFrom(String model) {
        Answer answer = http.post("/v1/models/%s/sample".formatted(model), Map.of("count", 16, "seed", 7));
        assertThat(answer.json().path("source").asString()).isEqualTo("mixture");
        float[] pixels = answer.floats("instances");
        Arrays.sort(pixels);
        // Of clothes on black a quarter is black and a tenth is bright, whatever was drawn.
        assertThat(pixels[pixels.length / 4]).isLessThan(0.1f);
        assertThat(pixels[pixels.length * 9 / 10]).isGreaterThan(0.5f);
    }

    /** The same weights, as one script and as another. */
    @Test
    void theTwinAnswersAsTheModelDoes() throws IOException {
        Answer model = post("fashion-vae", "encode", "application/x-npy", "four.npy", "application/json");
        Answer twin = post("fashion-vae-ts", "encode", "application/x-npy", "four.npy", "application/json");
        for (String field : List.of("latents", "logVariances")) {
            assertThat(twin.floats(field)).usingComparatorWithPrecision(1e-4f).containsExactly(model.floats(field));
        }
    }

    /** The noise is 0.041. What a model blurs counts as well, which is about 0.02 with 16 latents. */
    @Test
    void theDenoiserTakesNoiseAway() throws IOException {
        String denoiser = models().contains("fashion-dae") ? "fashion-dae" : "fashion-vae";
        float[] clean = picture("coat.png");
        byte[] denoised =
                post(denoiser, "denoise", "image/png", "noisy.png", "image/png").body();
        assertThat(meanSquare(Pictures.grey(denoised), clean))
                .isLessThan(0.75 * meanSquare(picture("noisy.png"), clean));
    }

    /** Whoever painted the hidden half black would leave 0.12. */
    @ParameterizedTest
    @MethodSource("models")
    void everyModelFillsInTheHalfThatIsHidden(String model) throws IOException {
        byte[] filled =
                post(model, "optimize", "image/png", "half.png", "image/png").body();
        assertThat(meanSquare(Pictures.grey(filled), picture("boot.png"))).isLessThan(0.07);
    }

    @Test
    void noiseIsLessUsualThanACoat() throws IOException {
        JsonNode coat = post("fashion-ae", "score", "image/png", "coat.png", "application/json")
                .json();
        JsonNode noisy = post("fashion-ae", "score", "image/png", "noisy.png", "application/json")
                .json();
        assertThat(coat.path("anomalous").path(0).asBoolean()).isFalse();
        assertThat(noisy.path("anomalous").path(0).asBoolean()).isTrue();
    }

    private Answer post(String model, String operation, String contentType, String example, String accept)
            throws IOException {
        byte[] body = Files.readAllBytes(EXAMPLES.resolve(example));
        Answer answer = http.post("/v1/models/%s/%s".formatted(model, operation), contentType, body, "Accept", accept);
        assertThat(answer.status()).as("%s %s", model, operation).isEqualTo(200);
        return answer;
    }

    private static float[] picture(String example) throws IOException {
        return Pictures.grey(Files.readAllBytes(EXAMPLES.resolve(example)));
    }

    private static double meanSquare(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum / a.length;
    }
}
