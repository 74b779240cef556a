package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Jar;
import io.github.latentdock.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The packaged service, told to stop in the midst of a training, and started again; in Egypt, say. */
class TrainingIT {

    private static final int EPOCHS = 60;

    /** There, Java writes numbers in digits that TorchScript does not read. */
    private static final String[] ARABIC = {"-Duser.language=ar", "-Duser.country=EG"};

    @TempDir
    Path folder = Path.of("");

    @Test
    void atSigtermATrainingIsSavedAndTheNextProcessBringsItToItsEnd() throws Exception {
        Path models = Files.createDirectory(folder.resolve("models"));
        Path work = folder.resolve("work");
        String training;
        try (var first = Jar.over(models, work, ARABIC)) {
            Http http = ready(first);
            training = submit(http);
            Waiting.until("some epochs are trained", () -> epoch(http.get(training)) >= 2);
            first.terminate();
            assertThat(first.exitCode()).isEqualTo(143);
        }

        assertThat(row(work, training))
                .startsWith("QUEUED, attempt 1, deaths 0, epoch ")
                .doesNotEndWith(" " + EPOCHS);
        Path checkpoints = work.resolve("checkpoints");
        List<Path> saved = files(checkpoints.resolve(id(training)));
        assertThat(saved)
                .isNotEmpty()
                .allSatisfy(checkpoint ->
                        assertThat(checkpoint.getFileName().toString()).matches("1-\\d+-\\d+"));
        assertThat(files(checkpoints)).containsExactly(checkpoints.resolve(id(training)));
        assertThat(files(models)).isEmpty();

        try (var second = Jar.over(models, work, ARABIC)) {
            Http http = ready(second);
            awaitSuccess(http, training);
            String log = second.log();
            String again = submit(http);
            awaitSuccess(http, again);

            assertThat(log).contains("goes on after").doesNotContain("begins, in attempt");
            assertThat(http.get(training).json().path("attempt").asInt()).isEqualTo(2);
            assertThat(http.get(training + "/metrics").json().path("epochs").size())
                    .isEqualTo(EPOCHS);
            // As if it had never been stopped.
            assertThat(models.resolve("interrupted/1/weights.safetensors"))
                    .hasSameBinaryContentAs(models.resolve("interrupted/2/weights.safetensors"));
            assertThat(files(checkpoints)).isEmpty();
            second.terminate();
            assertThat(second.exitCode()).isEqualTo(143);
        }
    }

    private static Http ready(Jar service) {
        var http = new Http(service.port());
        Waiting.until("it listens", service::isListening);
        Waiting.until("it is ready", () -> http.get("/readyz").status() == 200);
        return http;
    }

    private static String submit(Http http) {
        Answer taken = http.post(
                "/v1/trainings",
                Map.of(
                        "model",
                        "interrupted",
                        "dataset",
                        "fashion-mnist-sample",
                        "objective",
                        Map.of("type", "vae"),
                        "network",
                        Map.of("preset", "mlp", "hidden", List.of(128), "latent", 8),
                        "epochs",
                        EPOCHS,
                        "batchSize",
                        16,
                        "seed",
                        7));
        assertThat(taken.status()).as(taken.text()).isEqualTo(202);
        return taken.header("Location");
    }

    private static void awaitSuccess(Http http, String training) {
        Waiting.until(
                "it has ended",
                () -> List.of("SUCCEEDED", "FAILED")
                        .contains(http.get(training).json().path("status").asString()));
        JsonNode ended = http.get(training).json();
        assertThat(ended.path("status").asString()).as(ended.toString()).isEqualTo("SUCCEEDED");
    }

    private static int epoch(Answer training) {
        return training.json().path("epoch").asInt();
    }

    private static String id(String training) {
        return training.substring(training.lastIndexOf('/') + 1);
    }

    /** Of the database that the process left behind. */
    private static String row(Path work, String training) throws SQLException {
        try (Connection database = DriverManager.getConnection("jdbc:h2:file:" + work.resolve("trainings"), "sa", "");
                var query = database.prepareStatement("select * from trainings where id = ?")) {
            query.setString(1, id(training));
            ResultSet row = query.executeQuery();
            assertThat(row.next()).isTrue();
            return "%s, attempt %d, deaths %d, epoch %d"
                    .formatted(
                            row.getString("status"), row.getInt("attempt"), row.getInt("deaths"), row.getInt("epoch"));
        }
    }

    /** What is in a folder, drafts included; nothing where there is none. */
    private static List<Path> files(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
