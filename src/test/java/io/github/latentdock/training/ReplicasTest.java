package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.Latentdock;
import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Waiting;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/** Replicas that do not train, or train otherwise than most. */
class ReplicasTest {

    @TempDir
    Path folder = Path.of("");

    private ConfigurableApplicationContext start(String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--latentdock.models.path=" + folder.resolve("models"),
                "--latentdock.training.path=" + folder.resolve("work")));
        arguments.addAll(List.of(properties));
        return new SpringApplicationBuilder(Latentdock.class, AnyLoops.class).run(arguments.toArray(String[]::new));
    }

    private static Http http(ConfigurableApplicationContext service) {
        return new Http(service.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
    }

    private static CompletableFuture<String> watch(Http http, String location) {
        return http.client()
                .sendAsync(http.request(location + "/events").build(), BodyHandlers.ofString())
                .thenApply(HttpResponse::body);
    }

    @Test
    void oneThatOnlyServesHasNoDatabaseAndSaysSo() {
        try (var service = start("--latentdock.training.enabled=false")) {
            assertThat(service.getBeanNamesForType(DataSource.class)).isEmpty();
            assertThat(service.getBeanNamesForType(TrainingQueue.class)).isEmpty();
            assertThat(folder.resolve("work")).doesNotExist();
            for (String path : List.of("/v1/trainings", "/v1/trainings/1/events")) {
                Http.Answer answer = http(service).get(path);
                assertThat(answer.status()).isEqualTo(404);
                assertThat(answer.json().path("detail").asString())
                        .startsWith(
                                "This replica only serves and knows no trainings: latentdock.training.enabled is false");
            }
            assertThat(http(service).get("/v3/api-docs").text()).doesNotContain("createTraining");
        }
    }

    /** Nobody else can have its database, so nobody else is writing checkpoints. */
    @Test
    void whatAWorkerBeganToSaveBeforeItWasKilledIsRemovedAtTheNextStart() throws IOException {
        Path begun = Files.createDirectories(folder.resolve("work/checkpoints/.draft-of-a-worker"));
        Files.writeString(begun.resolve("state.safetensors"), "half");
        try (var service = start()) {
            assertThat(service.getBean(TrainingQueue.class).isRunning()).isTrue();
            assertThat(begun).doesNotExist();
        }
    }

    @Test
    void whoAsksForMoreThanMayWaitIsToldToComeBack() {
        try (var service = start("--latentdock.training.slots=0", "--latentdock.training.max-queued=1")) {
            Http http = http(service);
            String location = http.post("/v1/trainings", Plans.json(Map.of())).header("Location");
            Http.Answer refused = http.post("/v1/trainings", Plans.json(Map.of()));
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(refused.json().path("type").asString()).isEqualTo("urn:latentdock:problem:overloaded");
            assertThat(http.get("/v1/trainings").json().path("trainings")).hasSize(1);

            http.post(location + "/cancel", Map.of());
            String other = http.post("/v1/trainings", Plans.json(Map.of())).header("Location");
            assertThat(http.post(location + "/resume", Map.of()).status()).isEqualTo(429);
            http.post(other + "/cancel", Map.of());
            assertThat(http.post(location + "/resume", Map.of()).status()).isEqualTo(200);
        }
    }

    /** Its checkpoints are lost: who watches is told of all epochs once more, and of nothing twice afterwards. */
    @Test
    void whoComesBackToATrainingThatStartedOverIsToldOfItsEpochsAgain() throws IOException {
        try (var service = start()) {
            Http http = http(service);
            String location = http.post(
                            "/v1/trainings",
                            Plans.json(Map.of("network", Map.of("steps", 150, "nanos", 1_000_000), "epochs", 4)))
                    .header("Location");
            Waiting.until("two epochs have ended", () -> epochs(http, location).size() >= 2);
            http.post(location + "/cancel", Map.of());
            Waiting.until("it is cancelled", () -> status(http, location).equals("CANCELLED"));
            String known = http.get(location).json().path("revision").asString();
            FileSystemUtils.deleteRecursively(folder.resolve("work/checkpoints"));
            http.post(location + "/resume", Map.of());

            String events = http.send(http.request(location + "/events").header("Last-Event-ID", known))
                    .text();
            assertThat(Pattern.compile("event: epoch\ndata: \\{\"epoch\":(\\d)")
                            .matcher(events)
                            .results()
                            .map(epoch -> epoch.group(1)))
                    .containsExactly("1", "2", "3", "4");
            assertThat(epochs(http, location)).hasSize(4);
            assertThat(status(http, location)).isEqualTo("SUCCEEDED");
        }
    }

    private static JsonNode epochs(Http http, String location) {
        return http.get(location + "/metrics").json().path("epochs");
    }

    private static String status(Http http, String location) {
        return http.get(location).json().path("status").asString();
    }

    /** And what it took is trained by the next one that has the database. */
    @Test
    void oneWithoutSlotsTakesPlansAndRunsNone() {
        String location;
        CompletableFuture<String> stream;
        try (var service = start("--latentdock.training.slots=0")) {
            Http.Answer answer = http(service).post("/v1/trainings", Plans.json(Map.of()));
            assertThat(answer.status()).isEqualTo(202);
            location = answer.header("Location");
            assertThat(http(service).get(location).json().path("status").asString())
                    .isEqualTo("QUEUED");
            stream = watch(http(service), location);
            var events = service.getBean(TrainingEvents.class);
            Waiting.until("it is watched", () -> events.watched() == 1);
        }
        // Ended, and not cut off: its client comes back to another replica.
        assertThat(stream.join())
                .startsWith("retry: 1000")
                .contains("event: progress")
                .doesNotContain("event: end");
        try (var service = start()) {
            Waiting.until(
                    "it is trained",
                    () -> http(service)
                            .get(location)
                            .json()
                            .path("status")
                            .asString()
                            .equals("SUCCEEDED"));
        }
    }
}
