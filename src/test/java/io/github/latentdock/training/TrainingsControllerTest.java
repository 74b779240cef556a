package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Metrics;
import io.github.latentdock.testing.RawClient;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Trainings over HTTP. */
class TrainingsControllerTest extends RunningService {

    @LocalServerPort
    private int port;

    @Autowired
    private @Nullable TrainingEvents events;

    /** Others share the service, and count its models. */
    @AfterEach
    void leaveNoModelBehind() {
        for (Status status : List.of(Status.QUEUED, Status.RUNNING, Status.CANCELLING)) {
            Waiting.until(
                    "nothing is %s".formatted(status),
                    () -> http.get("/v1/trainings?status=" + status)
                            .json()
                            .path("trainings")
                            .isEmpty());
        }
        for (JsonNode model : http.get("/v1/models").json().path("models")) {
            String name = model.path("name").asString();
            if (name.startsWith("lines")) {
                model.path("versions")
                        .forEach(version -> http.delete("/v1/models/%s/versions/%d"
                                .formatted(name, version.path("version").asInt())));
            }
        }
    }

    private Answer create(Map<String, Object> more) {
        return http.post("/v1/trainings", Plans.json(more));
    }

    private String created(Map<String, Object> more) {
        Answer answer = create(more);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.header("Location");
    }

    private String trained(Map<String, Object> more) {
        String location = created(more);
        Waiting.until("it is trained", () -> status(location).equals("SUCCEEDED"));
        return location;
    }

    private String status(String location) {
        return http.get(location).json().path("status").asString();
    }

    private static List<String> fields(Answer answer) {
        return answer.json()
                .path("errors")
                .valueStream()
                .map(error -> error.path("field").asString())
                .toList();
    }

    @Test
    void everythingThatIsWrongWithAPlanIsToldAtOnce() {
        Answer answer = create(Map.of(
                "model",
                "Bad Name",
                "dataset",
                "nope",
                "objective",
                Map.of("type", "ad", "prior", -1),
                "optimizer",
                Map.of("learningRate", 0),
                "epochs",
                -1,
                "batchSize",
                0,
                "validation",
                Map.of("fraction", 2),
                "earlyStopping",
                Map.of("patience", 0),
                "alias",
                "7",
                "parent",
                "x"));

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().path("type").asString()).isEqualTo("urn:latentdock:problem:invalid");
        assertThat(fields(answer))
                .containsExactlyInAnyOrder(
                        "model",
                        "alias",
                        "validation.fraction",
                        "epochs",
                        "batchSize",
                        "objective.prior",
                        "optimizer.learningRate",
                        "earlyStopping.patience",
                        "parent",
                        "dataset");
        assertThat(answer.json().path("detail").asString()).endsWith("; and 9 more");
        assertThat(details(answer))
                .contains(
                        "objective.prior is -1; must be at least 0",
                        "earlyStopping.patience is 0; must be at least 1",
                        "optimizer.learningRate is 0; must be more than 0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"objective\": {\"type\": \"dae\"}} | objective.noise | objective.noise must be an object whose type is one of gaussian, masking, salt-and-pepper",
                "{\"objective\": {\"beta\": 1}} | objective | objective must be an object whose type is one of ae, dae, vae,",
                "{\"objective\": [\"ae\", {}]} | objective | objective must be an object whose type is one of ae, dae, vae,",
                "{\"objective\": {\"type\": 7}} | objective.type | objective.type is '7', one of ae, dae, vae,",
                "{\"objective\": {\"type\": \"ae\", \"likelihood\": 7}} | objective.likelihood | objective.likelihood is '7', one of gaussian, bernoulli is needed",
                "{\"objective\": {\"type\": \"dae\", \"noise\": [\"masking\", {\"rate\": 0.5}]}} | objective.noise | objective.noise must be an object whose type is one of gaussian,",
                "{\"objective\": {\"type\": \"dae\", \"noise\": {\"type\": 7}}} | objective.noise.type | objective.noise.type is '7', one of gaussian,",
                "{\"objective\": \"ae\"} | objective | objective must be an object whose type is one of ae, dae, vae,",
                "{\"objective\": {\"type\": \"ad\", \"beta\": 4}} | objective.beta | There is no field objective.beta; there are ball, codeLearningRate",
                "{\"objective\": {\"type\": \"dae\", \"noise\": {\"type\": \"masking\", \"rate\": 0.5, \"rates\": 1}}} | objective.noise.rates | There is no field objective.noise.rates; there is rate",
                "{\"optimizer\": {\"lr\": 1}} | optimizer.lr | There is no field optimizer.lr; there are clip, learningRate",
                "{\"optimizer\": {\"learningRate\": \"1\"}} | optimizer.learningRate | optimizer.learningRate must be a number",
                "{\"validation\": {\"fraction\": 0.1, \"fracton\": 1}} | validation.fracton | There is no field validation.fracton; there is fraction",
                "{\"network\": \"mlp\"} | network | network must be an object",
                "{\"network\": []} | network | network must be an object",
                "{\"model\": 5} | model | model is '5', a text is needed",
                "{\"dataset\": 5.5} | dataset | dataset is '5.5', a text is needed",
                "{\"alias\": true} | alias | alias is 'true', a text is needed",
                "null | body | body is missing, an object is needed"
            })
    void whatCannotBeReadIsToldByItsPath(String plan, String field, String detail) {
        Answer answer =
                http.post("/v1/trainings", "application/json", plan.getBytes(java.nio.charset.StandardCharsets.UTF_8));

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo(field);
        assertThat(answer.json().at("/errors/0/detail").asString()).startsWith(detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"preset\": \"mlp\", \"latent\": 2, \"foo\": 1} | network.foo | There is no field network.foo; there are activation, decoder",
                "{\"preset\": \"mlq\", \"latent\": 2} | network.preset | network.preset is 'mlq', one of mlp, conv is needed",
                "{\"preset\": \"mlp\", \"latent\": 2, \"hidden\": 3} | network.hidden | network.hidden must be a list",
                "{\"preset\": \"mlp\", \"latent\": 2000000000} | network.latent | network.latent is too large; must be at most 65536",
                "{\"preset\": \"mlp\", \"latent\": 30000000000000000000} | network.latent | network.latent is too large; must be at most 65536",
                "{\"decoder\": [], \"latent\": [2, 3000000000]} | network.latent | network.latent is too large; must be at most 65536",
                "{\"preset\": \"mlp\", \"latent\": -3000000000} | network.latent | network.latent is missing or wrong; must be",
                "{\"preset\": \"mlp\"} | network.latent | network.latent is missing or wrong; must be"
            })
    void whatIsWrongInsideANetworkIsToldByItsPath(String network, String field, String detail) {
        Answer answer = create(Map.of(
                "dataset",
                "fashion-mnist-sample",
                "network",
                Plans.JSON.readValue(network, new tools.jackson.core.type.TypeReference<Map<String, Object>>() {})));

        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo(field);
        assertThat(answer.json().at("/errors/0/detail").asString()).startsWith(detail);
    }

    /** Also one whose length nobody announced. */
    @Test
    void aPlanIsSmall() {
        byte[] spaces = new byte[PlanLimit.MOST_BYTES];
        Arrays.fill(spaces, (byte) ' ');
        spaces[0] = '{';
        spaces[spaces.length - 1] = '}';
        byte[] more = Arrays.copyOf(spaces, spaces.length + 1);
        more[spaces.length] = ' ';

        assertThat(http.post("/v1/trainings", "application/json", spaces).status())
                .isEqualTo(422);
        for (Answer answer : List.of(
                http.post("/v1/trainings", "application/json", more),
                http.send(http.request("/v1/trainings")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(more)))))) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(413);
            assertThat(answer.json().path("detail").asString())
                    .isEqualTo("The plan has more than 1048576 bytes, the most that is taken");
        }
    }

    @Test
    void misspeltChoicesHideNothingElse() {
        Answer answer = create(Map.of(
                "dataset",
                "nope",
                "freeze",
                "decodr",
                "objective",
                Map.of("type", "xx"),
                "optimizer",
                Map.of("type", "adm"),
                "parent",
                "nobody@1",
                "epochs",
                0));

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().path("type").asString()).isEqualTo("urn:latentdock:problem:invalid");
        assertThat(fields(answer))
                .containsExactlyInAnyOrder("freeze", "objective.type", "optimizer.type", "parent", "epochs", "dataset");
        assertThat(details(answer))
                .contains("objective.type is 'xx', one of ae, dae, vae, beta-vae, skip-vae, ml-vae, ad, vad is needed");
    }

    @Test
    void aStatusIsToldAsItMustBeWritten() {
        Answer answer = http.get("/v1/trainings?status=succeeded");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("detail").asString())
                .isEqualTo(
                        "status is 'succeeded', one of QUEUED, RUNNING, CANCELLING, CANCELLED, SUCCEEDED, FAILED is needed");
        assertThat(http.get("/v1/trainings?status=SUCCEEDED").status()).isEqualTo(200);
    }

    @Test
    void littleIsEchoedOfWhatIsWrong() {
        for (String field : List.of("model", "dataset", "alias", "parent")) {
            // The real loops look at data that is not there.
            Map<String, Object> network =
                    field.equals("dataset") ? Map.of("preset", "mlp", "latent", 2) : Map.of("steps", 20);
            Answer answer = create(Map.of(field, "a".repeat(60_000), "network", network));
            assertThat(answer.status()).isEqualTo(422);
            assertThat(fields(answer)).containsExactly(field);
            assertThat(answer.text()).hasSizeLessThan(1000);
        }
    }

    private static List<String> details(Answer answer) {
        return answer.json()
                .path("errors")
                .valueStream()
                .map(error -> error.path("detail").asString())
                .toList();
    }

    @Test
    void theDataAndTheNetworkAreLookedAtEvenIfOtherFieldsAreWrong() {
        Answer answer = create(Map.of("dataset", "nope", "network", Map.of("layers", 3), "epochs", 0));

        assertThat(answer.status()).isEqualTo(422);
        assertThat(fields(answer)).containsExactlyInAnyOrder("epochs", "dataset", "network.layers");
    }

    @Test
    void theNetworkIsLookedAtEvenIfOtherFieldsAreMissing() {
        Answer answer = http.post("/v1/trainings", Map.of("network", Map.of("layers", 3)));

        assertThat(fields(answer)).containsExactlyInAnyOrder("model", "dataset", "objective", "network.layers");
    }

    @Test
    void whatIsMissingIsTold() {
        Answer answer = http.post("/v1/trainings", Map.of());

        assertThat(answer.status()).isEqualTo(422);
        assertThat(fields(answer)).containsExactly("model", "dataset", "objective", "network");
    }

    @Test
    void aParentIsLookedUp() {
        assertThat(create(Map.of("parent", "fashion-ad@9"))
                        .json()
                        .path("detail")
                        .asString())
                .startsWith("Model 'fashion-ad' has no version 9");
        String location = created(Map.of("model", "lines-parent", "parent", "fashion-ad@default"));
        assertThat(http.get(location).json().at("/plan/parent").asString()).isEqualTo("fashion-ad@1");
        String alone = created(Map.of("model", "lines-parent", "parent", "fashion-ad"));
        assertThat(http.get(alone).json().at("/plan/parent").asString()).isEqualTo("fashion-ad@1");
        assertThat(create(Map.of("parent", "fashion-ad@")).json().path("detail").asString())
                .isEqualTo(
                        "parent is 'fashion-ad@', it must be a model, or a model and a version or alias, such as fashion-vae@3");
    }

    @Test
    void aGroupedObjectiveWithoutItsGroupIsRefused() {
        Answer answer = create(Map.of("objective", Map.of("type", "ml-vae")));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(fields(answer)).contains("objective.group");
        assertThat(details(answer))
                .contains(
                        "objective.group is 0; must be given: how many values of the latent are the group's, at least 1");
    }

    @Test
    void misspeltFieldsAreRefused() {
        for (Map<String, Object> misspelt : List.<Map<String, Object>>of(
                Map.of("epoch", 3),
                Map.of("optimizer", Map.of("learningrate", 1)),
                Map.of("objective", Map.of("type", "ad", "beta", 4)),
                Map.of("epochs", 1.5))) {
            Answer answer = create(misspelt);
            assertThat(answer.status()).as(misspelt.toString()).isEqualTo(400);
            assertThat(fields(answer)).hasSize(1);
        }
    }

    @Test
    void theAnswerHasAllDefaultsWrittenOut() {
        Answer answer = http.post(
                "/v1/trainings",
                Map.of(
                        "model",
                        "lines-defaults",
                        "dataset",
                        LeastSquares.DATASET,
                        "objective",
                        Map.of("type", "ad"),
                        "network",
                        Map.of("steps", 1)));

        assertThat(answer.status()).isEqualTo(202);
        JsonNode plan = answer.json().path("plan");
        assertThat(plan.at("/validation/fraction").asDouble()).isEqualTo(0.1);
        assertThat(plan.path("epochs").asInt()).isEqualTo(10);
        assertThat(plan.path("batchSize").asInt()).isEqualTo(128);
        assertThat(plan.at("/optimizer/learningRate").asDouble()).isEqualTo(0.001);
        assertThat(plan.at("/objective/codes").asString()).isEqualTo("pca");
        assertThat(plan.path("seed").isIntegralNumber()).isTrue();
        assertThat(answer.header("Location"))
                .isEqualTo("/v1/trainings/" + answer.json().path("id").asString());
    }

    @Test
    void aTrainingThatIsNotThereIsNotFoundAnywhere() {
        for (String path : List.of("", "/events", "/metrics", "/curve.png")) {
            assertThat(http.get("/v1/trainings/nothing" + path).status())
                    .as(path)
                    .isEqualTo(404);
        }
        for (String path : List.of("/cancel", "/resume")) {
            assertThat(http.post("/v1/trainings/nothing" + path, Map.of()).status())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(http.get("/v1/trainings?before=nothing").status()).isEqualTo(404);
    }

    @Test
    void whatHasEndedCanNeitherBeCancelledNorResumed() {
        String location = trained(Map.of("model", "lines-ended"));
        assertThat(http.post(location + "/cancel", Map.of()).status()).isEqualTo(409);
        assertThat(http.post(location + "/resume", Map.of()).status()).isEqualTo(409);
    }

    /** With a client that would take nothing but a problem: an answer without a body is no content of the wrong type. */
    @Test
    void whatHasEndedIsDeletedAndItsVersionStays() {
        String location = trained(Map.of("model", "lines-deleted"));
        String running =
                created(Map.of("model", "lines-deleted", "network", Map.of("steps", 100_000, "nanos", 1_000_000)));
        Answer refused = http.delete(running);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().path("detail").asString())
                .endsWith("; only one that has ended can be deleted: cancel it first");

        Answer deleted = http.send(http.request(location).DELETE().header("Accept", "application/problem+json"));
        assertThat(deleted.status()).as(deleted.text()).isEqualTo(204);
        assertThat(deleted.body()).isEmpty();
        for (String path : List.of("", "/events", "/metrics", "/curve.png")) {
            assertThat(http.get(location + path).status()).as(path).isEqualTo(404);
        }
        assertThat(http.delete(location).status()).isEqualTo(404);
        assertThat(http.post(location + "/resume", Map.of()).status()).isEqualTo(404);
        assertThat(http.get("/v1/models/lines-deleted/versions/1").status()).isEqualTo(200);

        http.post(running + "/cancel", Map.of());
        Waiting.until("it stops", () -> status(running).equals("CANCELLED"));
        assertThat(http.delete(running).status()).isEqualTo(204);
    }

    @Test
    void pagesFollowEachOther() {
        List<String> ids = Stream.of("lines-a", "lines-b", "lines-c")
                .map(model -> created(Map.of("model", model)).substring("/v1/trainings/".length()))
                .toList();
        JsonNode first = http.get("/v1/trainings?limit=1").json();
        JsonNode second = http.get(
                        "/v1/trainings?limit=1&before=" + first.path("next").asString())
                .json();
        assertThat(first.at("/trainings/0/id").asString()).isEqualTo(ids.get(2));
        assertThat(second.at("/trainings/0/id").asString()).isEqualTo(ids.get(1));
        assertThat(http.get("/v1/trainings?limit=0").status()).isEqualTo(422);
        assertThat(http.get("/v1/trainings?limit=201").status()).isEqualTo(422);
        assertThat(http.get("/v1/trainings?status=RUNNNING").status()).isEqualTo(400);
    }

    @Test
    void eventsAreTakenUpWhereTheyWereLeft() {
        String location = trained(Map.of("model", "lines-events"));
        String all = events(location, null).text();
        assertThat(all).startsWith("retry: 1000\n\n").contains("event: end\n");
        List<String> epochs = ids(all, "epoch");
        assertThat(epochs).hasSize(3);

        String rest = events(location, epochs.get(1)).text();
        assertThat(ids(rest, "epoch")).containsExactly(epochs.get(2));
        String end = ids(rest, "end").getFirst();
        assertThat(events(location, end).status()).isEqualTo(204);
        assertThat(events(location, "x").status()).isEqualTo(400);
    }

    private Answer events(String location, @Nullable String last) {
        var request = http.request(location + "/events").header("Accept", "text/event-stream");
        return http.send(last == null ? request : request.header("Last-Event-ID", last));
    }

    private static List<String> ids(String stream, String event) {
        return Stream.of(stream.split("\n\n"))
                .filter(block -> block.contains("event: %s\n".formatted(event)))
                .map(block -> block.substring("id: ".length(), block.indexOf('\n')))
                .toList();
    }

    @Test
    void aClientThatLeavesIsNoticed() {
        TrainingEvents watched = java.util.Objects.requireNonNull(events);
        String location =
                created(Map.of("model", "lines-left", "network", Map.of("steps", 100_000, "nanos", 1_000_000)));
        try (var client = new RawClient(port)) {
            client.send(RawClient.get(location + "/events"));
            Waiting.until("it is watched", () -> watched.watched() == 1);
        }
        Waiting.until("nobody watches", () -> watched.watched() == 0);
        http.post(location + "/cancel", Map.of());
        Waiting.until("it stops", () -> status(location).equals("CANCELLED"));
    }

    @Test
    void metricsComeAsJsonAsCsvAndAsAPicture() throws Exception {
        String location = trained(Map.of("model", "lines-metrics", "validation", Map.of("fraction", 0)));
        JsonNode json = http.get(location + "/metrics").json();
        assertThat(json.path("epochs")).hasSize(3);
        assertThat(json.at("/epochs/0").has("validation")).isFalse();

        Answer csv = http.send(http.request(location + "/metrics").header("Accept", "text/csv"));
        assertThat(csv.header("Content-Type")).startsWith("text/csv");
        assertThat(csv.text().lines()).hasSize(4);
        assertThat(csv.text().lines().skip(1).findFirst().orElseThrow())
                .startsWith("1," + json.at("/epochs/0/training/loss").asDouble() + ",")
                .contains(",,,");

        var picture = ImageIO.read(
                new ByteArrayInputStream(http.get(location + "/curve.png").body()));
        assertThat(List.of(picture.getWidth(), picture.getHeight())).containsExactly(640, 360);
    }

    @Test
    void operatorsSeeTrainings() {
        trained(Map.of("model", "lines-seen"));
        Metrics metrics = Metrics.of(http);
        assertThat(metrics.sum("latentdock_trainings", "status=\"succeeded\"")).isPositive();
        assertThat(metrics.sum("latentdock_training_epoch_loss", "model=\"lines-seen\""))
                .isPositive();
        assertThat(metrics.has("latentdock_training_images_per_second", "model=\"lines-seen\""))
                .isTrue();
    }
}
