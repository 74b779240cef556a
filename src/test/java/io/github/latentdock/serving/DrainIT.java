package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.serving.Load.Event;
import io.github.latentdock.serving.Load.Outcome;
import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Jar;
import io.github.latentdock.testing.Metrics;
import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.RawClient;
import io.github.latentdock.testing.References;
import io.github.latentdock.testing.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * The packaged service from its start to SIGTERM under load. One life of it is written down before the tests, which judge it.
 * The long searches outlast everything else that is under way when the signal comes.
 */
class DrainIT {

    /** Loading them takes long enough to look at the service meanwhile. */
    private static final int COPIES = 6;

    private static final int LONG_REQUESTS = 3;
    private static final int OBSERVED_AFTER_SIGNAL = 50;
    private static final byte[] RECONSTRUCT =
            RawClient.post("/v1/models/fashion-ae/reconstruct", json(Map.of("instances", instances(4))));

    private static final List<String> probesWhileLoading = new ArrayList<>();
    private static List<Event> events = List.of();
    private static List<Event> readiness = List.of();
    private static List<Event> longRequests = List.of();
    private static long signalled;
    private static int exitCode;

    @TempDir
    private static Path models;

    private static Jar service;

    @BeforeAll
    static void liveOneLife() throws Exception {
        copyModels();
        service = new Jar(
                models, "--latentdock.inference.drain=60s", "--spring.lifecycle.timeout-per-shutdown-phase=70s");
        probeWhileLoading();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var load = new Load(service.port());
            var probes = new Load(service.port());
            load.keepAlive(8, RECONSTRUCT);
            load.newConnections(4, RECONSTRUCT);
            probes.newConnections(1, RawClient.get("/readyz"));
            byte[] search = searchOfSeconds();
            List<CompletableFuture<Event>> searches = new ArrayList<>();
            for (int i = 0; i < LONG_REQUESTS; i++) {
                searches.add(CompletableFuture.supplyAsync(() -> once(search), executor));
            }
            Waiting.until("one search runs and the others wait", () -> waitingSearches() == LONG_REQUESTS - 1);
            signalled = System.nanoTime();
            service.terminate();
            Waiting.until("clients saw the drain", () -> after(load.events()).size() > OBSERVED_AFTER_SIGNAL);
            longRequests = searches.stream().map(CompletableFuture::join).toList();
            exitCode = service.exitCode();
            events = load.stop();
            readiness = probes.stop();
        }
    }

    @AfterAll
    static void end() {
        service.close();
    }

    @Test
    void thePortOpensBeforeTheModelsAreLoaded() {
        assertThat(probesWhileLoading).contains("live and not ready");
    }

    @Test
    void nothingFailsBeforeTheSignal() {
        assertThat(events)
                .filteredOn(event -> event.begun() < signalled)
                .hasSizeGreaterThan(10)
                .allSatisfy(event -> assertThat(event.outcome()).isEqualTo(Outcome.ANSWERED))
                .allSatisfy(event -> assertThat(event.status()).isIn(200, 503));
    }

    @Test
    void searchesThatRanOrWaitedAreAnsweredInFull() {
        assertThat(longRequests).hasSize(LONG_REQUESTS).allSatisfy(event -> {
            assertThat(event.status()).isEqualTo(200);
            assertThat(event.bodyBytes()).isGreaterThan(16 * 784 * 2);
        });
    }

    @Test
    void requestsAfterTheSignalAreTurnedAwayUntilThePortCloses() {
        assertThat(after(events))
                .allSatisfy(event -> assertThat(event.status()).isIn(200, 503, 0))
                .extracting(Event::status)
                .contains(503);
    }

    @Test
    void whoIsTurnedAwayIsToldToCloseTheConnection() {
        assertThat(events)
                .filteredOn(event -> event.status() == 503)
                .isNotEmpty()
                .allMatch(Event::closes);
    }

    @Test
    void noAnswerIsCut() {
        assertThat(events).extracting(Event::outcome).doesNotContain(Outcome.CUT);
    }

    @Test
    void theServiceSaysThatItIsNotReadyWhileItDrains() {
        assertThat(after(readiness)).extracting(Event::status).contains(503);
    }

    @Test
    void theProcessEndsByTheSignal() {
        assertThat(exitCode).isEqualTo(143);
    }

    @Test
    void whatTakesLongerThanTheDrainIsAnsweredWith503AndHoldsNothingUp() throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor();
                var impatient = new Jar(onlyTheAutoDecoder(), "--latentdock.inference.drain=1s")) {
            var http = new Http(impatient.port());
            Waiting.until("it listens", impatient::isListening);
            Waiting.until("it is ready", () -> http.get("/readyz").status() == 200);
            byte[] search = RawClient.post(
                    "/v1/models/fashion-ad/optimize",
                    json(Map.of("instances", instances(8), "starts", 64, "maxIterations", 10_000, "tolerance", 0)),
                    "X-Timeout-Ms: 600000");
            var answer = CompletableFuture.supplyAsync(
                    () -> {
                        try (var client = new RawClient(impatient.port())) {
                            return Load.once(client, search);
                        }
                    },
                    executor);
            Waiting.until("it runs", () -> Metrics.of(http).sum("latentdock_lanes_busy") == 1);
            impatient.terminate();

            assertThat(impatient.exitCode()).isEqualTo(143);
            assertThat(answer.join().status()).isEqualTo(503);
            assertThat(answer.join().closes()).isTrue();
        }
    }

    private static void copyModels() throws IOException {
        References.copyInto(models);
        for (int i = 0; i < COPIES; i++) {
            Path copy = models.resolve("zz-copy-" + i).resolve("1");
            FileSystemUtils.copyRecursively(References.version("fashion-ae"), copy);
            Path manifest = copy.resolve("model.json");
            java.nio.file.Files.writeString(
                    manifest,
                    java.nio.file.Files.readString(manifest).replace("\"fashion-ae\"", "\"zz-copy-%d\"".formatted(i)));
        }
    }

    private static Path onlyTheAutoDecoder() throws IOException {
        Path few = models.resolveSibling(models.getFileName() + "-few");
        FileSystemUtils.copyRecursively(models.resolve("fashion-ad"), few.resolve("fashion-ad"));
        return few;
    }

    private static void probeWhileLoading() {
        var http = new Http(service.port());
        Waiting.until("it listens", service::isListening);
        Waiting.until("it is ready", () -> {
            boolean live = http.get("/livez").status() == 200;
            boolean ready = http.get("/readyz").status() == 200;
            probesWhileLoading.add((live ? "live" : "not live") + " and " + (ready ? "ready" : "not ready"));
            return ready;
        });
    }

    /** A search whose iterations were chosen to take about three seconds here. */
    private static byte[] searchOfSeconds() {
        long start = System.nanoTime();
        assertThat(once(search(50)).status()).isEqualTo(200);
        double seconds = (System.nanoTime() - start) / 1e9;
        return search((int) Math.clamp(50 * 3 / seconds, 50, 10_000));
    }

    private static byte[] search(int iterations) {
        return RawClient.post(
                "/v1/models/fashion-ad/optimize",
                json(Map.of("instances", instances(16), "starts", 4, "maxIterations", iterations, "tolerance", 0)),
                "X-Timeout-Ms: 120000");
    }

    private static Event once(byte[] request) {
        try (var client = new RawClient(service.port())) {
            return Load.once(client, request);
        }
    }

    private static double waitingSearches() {
        return Metrics.of(new Http(service.port())).sum("latentdock_queue_rows", "operation=\"optimize\"") / 16;
    }

    private static List<Event> after(List<Event> all) {
        return all.stream().filter(event -> event.begun() > signalled).toList();
    }

    private static Object instances(int rows) {
        float[] x = Npz.read("/reference/fashion-ae/expected.npz").get("x").values();
        float[] values = new float[rows * 784];
        for (int i = 0; i < values.length; i++) {
            values[i] = x[i % x.length];
        }
        return Http.nested(Arrays.copyOf(values, rows * 784), rows, 1, 28, 28);
    }

    private static String json(Map<String, ?> body) {
        return JsonMapper.shared().writeValueAsString(body);
    }
}
