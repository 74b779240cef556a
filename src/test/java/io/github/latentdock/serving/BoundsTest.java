package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.References;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Numbers at the ends of what is possible. */
class BoundsTest extends RunningService {

    private static final float[] BLACK = new float[784];

    @ParameterizedTest
    @ValueSource(
            strings = {"tolerance=0", "tolerance=1", "prior=0", "prior=1e6", "maxIterations=1", "starts=64", "seed=-1"})
    void theEndsOfWhatASearchMayBeToldArePossible(String option) {
        Answer answer =
                http.post("/v1/models/fashion-ad/optimize?" + option, "application/octet-stream", Http.raw(BLACK));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10})
    void theEndsOfTemperatureArePossible(int temperature) {
        Answer answer = http.post(
                "/v1/models/fashion-vae/sample", Map.of("count", 1, "source", "prior", "temperature", temperature));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    @Test
    void aFalseAlarmRateBeyondTheKnownQuantilesIsRefused() throws IOException {
        Path model = modelWithQuantiles("narrow", Map.of("0.1", 0.01, "0.9", 0.1));
        try {
            Waiting.until(
                    "the model is there", () -> http.get("/v1/models/narrow").status() == 200);

            Answer answer = http.post(
                    "/v1/models/narrow/score?falseAlarmRate=0.05", "application/octet-stream", Http.raw(BLACK));

            assertThat(answer.status()).as(answer.text()).isEqualTo(422);
            assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("falseAlarmRate");
            assertThat(answer.json().path("detail").asString()).contains("0.95", "0.1 to 0.9");
        } finally {
            FileSystemUtils.deleteRecursively(model);
        }
    }

    @Test
    void pathsWithTooManyRowsAreRefusedAsTooLarge() {
        for (int size : new int[] {32, 784}) {
            Answer answer = interpolate("fashion-ae", 1025, size, 2);

            assertThat(answer.status()).as(answer.text()).isEqualTo(413);
            assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("from");
            assertThat(answer.json().path("detail").asString()).contains("1025 rows", "1024");
        }
    }

    @Test
    void rowsThatHaveNoRoomForAnyStepsAreTooMany() {
        Answer answer = interpolate("fashion-ae", 1024, 32, 8);

        assertThat(answer.status()).as(answer.text()).isEqualTo(413);
        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("from");
        assertThat(answer.json().path("detail").asString()).contains("1024 rows", "8192", "8 steps");
    }

    /** Else an auto-decoder would say that it has no encoder. */
    @Test
    void stepsAreCheckedBeforeAnythingIsEncoded() {
        Answer answer = interpolate("fashion-ad", 2, 784, 513);

        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("steps");
        assertThat(answer.json().path("detail").asString()).contains("2 to 512 are possible for 2 rows", "1024");
    }

    private Answer interpolate(String model, int rows, int size, int steps) {
        int[] shape = size == 784 ? new int[] {rows, 1, 28, 28} : new int[] {rows, size};
        Object ends = Http.nested(new float[rows * size], shape);
        return http.post(
                "/v1/models/%s/interpolate".formatted(model), Map.of("from", ends, "to", ends, "steps", steps));
    }

    private static Path modelWithQuantiles(String name, Map<String, Double> quantiles) throws IOException {
        Path reference = References.version("fashion-ae");
        Path version = Files.createDirectories(MODELS.resolve(name).resolve("1"));
        Files.copy(reference.resolve("weights.safetensors"), version.resolve("weights.safetensors"));
        var manifest = (ObjectNode) JsonMapper.shared().readTree(Files.readString(reference.resolve("model.json")));
        manifest.put("name", name).remove("files");
        manifest.putObject("metrics").putPOJO("errorQuantiles", quantiles);
        Files.writeString(version.resolve("model.json"), manifest.toString());
        return MODELS.resolve(name);
    }
}
