package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Tree;
import io.github.latentdock.testing.Waiting;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Ten thousand spoiled requests, four at a time: every one is answered with a problem or rightly, and none leaves a trace. */
class FuzzTest extends RunningService {

    private static final int REQUESTS = 10_000;
    private static final int AT_ONCE = 4;
    private static final long SEED = Long.getLong("fuzz.seed", 20_240_611);

    /** What no client should read: Java's names, and pages for browsers. */
    private static final List<String> INTERNALS = List.of(
            "<html",
            "<!doctype",
            "java.",
            "exception",
            "jackson",
            "springframework",
            "org.apache",
            "io.github",
            "ai.djl",
            "\tat ");

    @Autowired
    private MeterRegistry meters;

    @Test
    void spoiledRequestsAreAnsweredWithProblemsAndLeaveNothingBehind() throws Exception {
        List<FuzzRequest> corpus = FuzzCorpus.requests();
        assertThat(FuzzCorpus.upload().send(http).status()).isEqualTo(201);
        Waiting.until(
                "the model is loaded", () -> http.get("/v1/models/fuzz").text().contains("READY"));
        for (FuzzRequest request : corpus) {
            Answer answer = request.send(http);
            removeIfPublished(answer);
            assertThat(answer.status()).as("%s: %s", request, answer.text()).isIn(200, 201, 404);
        }
        removeModel();
        untilOnlyTheReferencesAreLoaded();
        int arrays = nativeArrays();
        Tree models = Tree.of(MODELS);
        Tree datasets = Tree.of(DATASETS);
        var errors = new ListAppender<ILoggingEvent>();
        errors.start();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(errors);
        try {
            assertThat(FuzzCorpus.upload().send(http).status()).isEqualTo(201);
            assertThat(failures(corpus)).as("with -Dfuzz.seed=%d", SEED).isEmpty();
        } finally {
            root.detachAppender(errors);
        }
        removeModel();

        assertThat(List.copyOf(errors.list).stream()
                        .filter(event -> event.getLevel().isGreaterOrEqual(Level.ERROR)))
                .extracting(ILoggingEvent::getFormattedMessage)
                .isEmpty();
        assertThat(Tree.of(MODELS)).isEqualTo(models);
        assertThat(Tree.of(DATASETS)).isEqualTo(datasets);
        Waiting.until("no lane is busy", () -> gauge("latentdock.lanes.busy") == 0);
        Waiting.until("no request holds memory", () -> gauge("latentdock.request.bytes") == 0);
        untilOnlyTheReferencesAreLoaded();
        Waiting.until("no native array is left over", () -> nativeArrays() == arrays);
        for (String model :
                Stream.concat(ENCODERS.stream(), AUTO_DECODERS.stream()).toList()) {
            assertReference(model);
        }
    }

    private List<String> failures(List<FuzzRequest> corpus) throws Exception {
        List<String> failures = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                long seed = SEED + i;
                answers.add(clients.submit(() -> failure(new FuzzMutation(seed, corpus).next())));
            }
            for (Future<String> answer : answers) {
                if (!answer.get().isEmpty()) {
                    failures.add(answer.get());
                }
            }
        }
        return failures;
    }

    /** What is wrong with the answer to a request; empty when nothing is. */
    private String failure(FuzzRequest request) {
        Answer answer;
        try {
            answer = request.send(http);
            removeIfPublished(answer);
        } catch (RuntimeException e) {
            return "%s fails with %s".formatted(request, e);
        }
        boolean right = answer.status() < 400 || isProblem(answer);
        return right && answer.status() < 500 ? "" : "%s: %d %s".formatted(request, answer.status(), answer.text());
    }

    private static boolean isProblem(Answer answer) {
        String text = answer.text().toLowerCase(Locale.ROOT);
        if (!answer.header("Content-Type").equals("application/problem+json")
                || INTERNALS.stream().anyMatch(text::contains)) {
            return false;
        }
        JsonNode problem = answer.json();
        return problem.path("type").asString("").startsWith("urn:latentdock:problem:")
                && !problem.path("title").asString("").isBlank()
                && !problem.path("detail").asString("").isBlank()
                && problem.path("status").asInt() == answer.status();
    }

    /** A request may be spoiled and valid still. */
    private void removeIfPublished(Answer answer) {
        if (answer.status() == 201) {
            http.delete(answer.header("Location"));
        }
    }

    private void removeModel() {
        JsonNode model = http.get(FuzzCorpus.MODEL).json();
        model.path("aliases").propertyNames().forEach(alias -> http.delete(FuzzCorpus.MODEL + "/aliases/" + alias));
        model.path("versions")
                .forEach(version -> http.delete(FuzzCorpus.MODEL + "/versions/" + version.path("version")));
        assertThat(http.get(FuzzCorpus.MODEL).status()).isEqualTo(404);
    }

    private void untilOnlyTheReferencesAreLoaded() {
        int references = ENCODERS.size() + AUTO_DECODERS.size();
        Waiting.until("the uploads are unloaded", () -> gauge("latentdock.models.loaded") == references);
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }

    private static int nativeArrays() {
        try (NDManager any = NDManager.newBaseManager()) {
            return ((BaseNDManager) any.getParentManager()).getManagedArrays().size();
        }
    }

    private void assertReference(String model) {
        Npz expected = expected(model);
        boolean hasEncoder = expected.has("z_random");
        Npz.Array z = expected.get(hasEncoder ? "z_random" : "z");
        float[] decoded = http.post(
                        "/v1/models/%s/decode".formatted(model), Map.of("latents", Http.nested(z.values(), z.shape())))
                .floats("instances");
        float[] right = expected.get(hasEncoder ? "decoded_random" : "decoded").values();
        for (int i = 0; i < right.length; i++) {
            // Sums of some hundred products of float32.
            assertThat(decoded[i]).as("%s, value %d", model, i).isCloseTo(right[i], within(2e-6f));
        }
    }
}
