package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Checkpoint;
import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Metrics;
import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/** Versions come, go and change places while clients go on asking. The latents of version 2 are those of version 1, plus 1. */
@ExtendWith(OutputCaptureExtension.class)
class HotSwapTest extends RunningService {

    private static final int CLIENTS = 16;
    private static final String MODEL = "swapped";
    private static final Checkpoint FIRST = new Checkpoint(MODEL, 1, 0);
    private static final Checkpoint SECOND = new Checkpoint(MODEL, 2, 1);
    private static final Path SECOND_FOLDER = MODELS.resolve(MODEL).resolve("2");

    @Autowired
    private ApplicationContext service;

    private final Npz expected = expected("fashion-vae");

    @AfterEach
    void removeTheModel() {
        Checkpoint.removeModel(MODELS, MODEL);
        Waiting.until("the model is gone", () -> http.get("/v1/models/" + MODEL).status() == 404);
        Waiting.until("its memory is free", () -> !Metrics.of(http).has("latentdock_queue_rows", "model=\"swapped\""));
    }

    @Test
    void swapsFailNoRequestAndMixNoAnswers() {
        FIRST.dropInto(MODELS);
        untilServed(1);
        Queue<String> wrong = whileClientsAsk("/v1/models/swapped/encode", () -> {
            SECOND.dropInto(MODELS);
            untilServed(2);
            for (int version : new int[] {1, 2, 1, 2}) {
                setDefault(version);
                untilServed(version);
            }
        });

        assertThat(wrong).isEmpty();
        Waiting.until(
                "the memory of version 1 is free",
                () -> !Metrics.of(http).has("latentdock_queue_rows", "model=\"swapped\"", "version=\"1\""));
    }

    @Test
    void aVersionAskedForByItsNumberStaysWhileTheDefaultMoves() {
        FIRST.dropInto(MODELS);
        untilServed(1);
        Queue<String> wrong = whileClientsAsk("/v1/models/swapped/versions/1/encode", () -> {
            SECOND.dropInto(MODELS);
            untilServed(2);
            setDefault(1);
            untilServed(1);
            setDefault(2);
            untilServed(2);
        });

        assertThat(wrong).isEmpty();
    }

    @Test
    void aDeletedVersionIsGoneAndItsMemoryFree() {
        FIRST.dropInto(MODELS);
        SECOND.dropInto(MODELS);
        untilServed(2);
        assertThat(encode("/v1/models/swapped/versions/1/encode", 1).status()).isEqualTo(200);
        assertThat(http.delete("/v1/models/swapped/versions/1").status()).isEqualTo(204);

        assertThat(encode("/v1/models/swapped/versions/1/encode", 1).status()).isEqualTo(404);
        assertThat(http.get("/v1/models/swapped/versions/1").status()).isEqualTo(404);
        Waiting.until(
                "its memory is free",
                () -> !Metrics.of(http).has("latentdock_queue_rows", "model=\"swapped\"", "version=\"1\""));
    }

    @Test
    void aVersionThatIsDeletedBeforeItIsLoadedIsNotThere(CapturedOutput log) throws Exception {
        SECOND.dropInto(MODELS);
        untilServed(2);
        FIRST.dropInto(MODELS);
        Waiting.until("version 1 is found", () -> state(1).equals("IDLE"));
        FileSystemUtils.deleteRecursively(MODELS.resolve(MODEL).resolve("1"));

        assertThat(encode("/v1/models/swapped/versions/1/encode", 1).status()).isEqualTo(404);
        assertThat(log.getOut()).doesNotContain("Version 1 of model 'swapped' cannot be served");
    }

    @Test
    void aBrokenVersionIsToldWhileTheOneBeforeServesOnUntilItIsMended(CapturedOutput log) throws Exception {
        FIRST.dropInto(MODELS);
        untilServed(1);
        Files.createDirectories(SECOND_FOLDER);
        Files.write(SECOND_FOLDER.resolve("weights.safetensors"), new byte[] {1, 2, 3});
        SECOND.writeManifest(SECOND_FOLDER);
        Waiting.until("version 2 has failed", () -> state(2).equals("FAILED"));

        assertThat(http.get("/v1/models/swapped/versions/2")
                        .json()
                        .path("reason")
                        .asString())
                .contains("weights.safetensors")
                .contains("truncated");
        assertThat(encode("/v1/models/swapped/encode", 1).header("X-Model-Version"))
                .isEqualTo("1");
        assertThat(encode("/v1/models/swapped/versions/2/encode", 1).status()).isEqualTo(503);
        assertThat(Metrics.of(http).sum("latentdock_models_failed")).isEqualTo(1);
        SECOND.writeWeights(SECOND_FOLDER);
        untilServed(2);
        assertThat(state(2)).isEqualTo("READY");
        assertThat(Metrics.of(http).sum("latentdock_models_failed")).isZero();
        assertThat(lines(
                        log, "Version 2 of model 'swapped' is not served; it is looked at again when its files change"))
                .isEqualTo(1);
    }

    @Test
    void anAliasOfAVersionThatIsNotThereIsToldWithWhatServesInstead(CapturedOutput log) throws Exception {
        FIRST.dropInto(MODELS);
        untilServed(1);
        Files.writeString(MODELS.resolve(MODEL).resolve("aliases.json"), "{\"default\": 7, \"canary\": 8}");
        String told =
                "'default' of model 'swapped' names version 7, which is not there; version 1, which served before";
        Waiting.until(
                "it is told", () -> log.getOut().contains(told) && log.getOut().contains("requests get 404"));

        JsonNode model = http.get("/v1/models/swapped").json();
        assertThat(model.path("defaultVersion").asInt()).isEqualTo(1);
        assertThat(model.path("aliasFault").asString()).contains("'default'", "version 7", "'canary'", "version 8");
        assertThat(encode("/v1/models/swapped/encode", 1).status()).isEqualTo(200);
        assertThat(encode("/v1/models/swapped/versions/canary/encode", 1).status())
                .isEqualTo(404);
        assertThat(lines(log, told)).isEqualTo(1);
    }

    @Test
    void aVersionThatWasWrittenOverServesOnWhileWhatReplacesItCannot() throws Exception {
        FIRST.dropInto(MODELS);
        untilServed(1);
        Path weights = MODELS.resolve(MODEL).resolve("1/weights.safetensors");
        byte[] notNumbers = Files.readAllBytes(weights);
        Arrays.fill(notNumbers, notNumbers.length - Float.BYTES, notNumbers.length, (byte) 0xff);
        Files.write(weights, notNumbers);
        Waiting.until("version 1 has failed", () -> state(1).equals("FAILED"));

        assertThat(encode("/v1/models/swapped/encode", 1).status()).isEqualTo(200);
    }

    @Test
    void weightsThatAreNotWhatTheManifestSaysAreNotServed() throws Exception {
        FIRST.dropInto(MODELS);
        untilServed(1);
        new Checkpoint(MODEL, 2, 1).write(SECOND_FOLDER.resolveSibling("unfinished"));
        Path unfinished = SECOND_FOLDER.resolveSibling("unfinished");
        byte[] manifest = Files.readString(unfinished.resolve("model.json"))
                .replaceFirst(
                        "\\{",
                        "{\"files\": {\"weights.safetensors\": {\"sha256\": \"%s\", \"bytes\": %d}},"
                                .formatted("0".repeat(64), Files.size(unfinished.resolve("weights.safetensors"))))
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Files.write(unfinished.resolve("model.json"), manifest);
        Files.move(unfinished, SECOND_FOLDER);
        Waiting.until("version 2 has failed", () -> state(2).equals("FAILED"));

        assertThat(http.get("/v1/models/swapped/versions/2")
                        .json()
                        .path("reason")
                        .asString())
                .contains("SHA-256");
        assertThat(encode("/v1/models/swapped/encode", 1).header("X-Model-Version"))
                .isEqualTo("1");
    }

    @Test
    void thatTheServiceIsReadyIsALineOfTheLog(CapturedOutput log) {
        AvailabilityChangeEvent.publish(service, ReadinessState.ACCEPTING_TRAFFIC);

        assertThat(log).containsPattern("Ready: [4-9] versions loaded, 0 cannot be served");
    }

    @Test
    void everyLoadAndSwapIsOneLineOfTheLog(CapturedOutput log) {
        FIRST.dropInto(MODELS);
        untilServed(1);
        SECOND.dropInto(MODELS);
        untilServed(2);
        Waiting.until("version 1 is closed", () -> lines(log, "Closed version 1 of model 'swapped'") == 1);

        assertThat(lines(log, "Loaded version 1 of model 'swapped'")).isEqualTo(1);
        assertThat(lines(log, "Loaded version 2 of model 'swapped'")).isEqualTo(1);
        assertThat(lines(log, "'default' of model 'swapped' is served by version 1"))
                .isEqualTo(1);
        assertThat(
                        lines(
                                log,
                                "'default' of model 'swapped' is served by version 2; version 1 closes when its last request ends"))
                .isEqualTo(1);
    }

    /** Lets clients ask until the changes are made, and tells what was wrong with their answers. */
    private Queue<String> whileClientsAsk(String path, Runnable changes) {
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        var done = new AtomicBoolean();
        List<Thread> clients = IntStream.range(0, CLIENTS)
                .mapToObj(client -> Thread.ofPlatform().start(() -> {
                    int rows = 1 + client % 5;
                    do {
                        wrong.addAll(mistakes(path, rows));
                    } while (!done.get());
                }))
                .toList();
        try {
            changes.run();
        } finally {
            done.set(true);
            clients.forEach(HotSwapTest::join);
        }
        return wrong;
    }

    private List<String> mistakes(String path, int rows) {
        Http.Answer answer = encode(path, rows);
        String version = answer.header("X-Model-Version");
        if (answer.status() != 200 || !List.of("1", "2").contains(version)) {
            return List.of("%d from version '%s': %s".formatted(answer.status(), version, answer.text()));
        }
        float shift = version.equals("1") ? 0 : 1;
        float[] means = expected.get("mean").values();
        float[] latents = answer.floats();
        for (int i = 0; i < rows * 16; i++) {
            // Sums of some hundred float32 products in another order.
            if (Math.abs(latents[i] - means[i] - shift) > 2e-5) {
                return List.of("version %s says %s, not %s".formatted(version, latents[i], means[i] + shift));
            }
        }
        return path.contains("/versions/" + version + "/") || !path.contains("/versions/")
                ? List.of()
                : List.of("version %s answers for %s".formatted(version, path));
    }

    private Http.Answer encode(String path, int rows) {
        float[] x = java.util.Arrays.copyOf(expected.get("x").values(), rows * 784);
        return http.post(path, "application/octet-stream", Http.raw(x), "Accept", "application/octet-stream");
    }

    private void setDefault(int version) {
        var answer = http.send("PUT", "/v1/models/swapped/aliases/default", Map.of("version", version));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private void untilServed(int version) {
        Waiting.until(
                "version %d serves".formatted(version),
                () -> encode("/v1/models/swapped/encode", 1)
                        .header("X-Model-Version")
                        .equals(String.valueOf(version)));
    }

    private String state(int version) {
        return http.get("/v1/models/swapped/versions/" + version)
                .json()
                .path("state")
                .asString("");
    }

    private static long lines(CapturedOutput log, String text) {
        return log.getOut().lines().filter(line -> line.contains(text)).count();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
