package io.github.latentdock.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Version;
import io.github.latentdock.testing.Checkpoint;
import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.NativeHeap;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What is computed for a request is freed with it, and a version with its last request. */
class MemoryTest extends RunningService {

    private static final int CLIENTS = 16;
    private static final int REQUESTS = 20_000;
    private static final int WARM_UP = 2_000;

    /** A quarter of what one picture per request would add up to. */
    private static final long BOUND_OF_REQUESTS = REQUESTS * 784L * Float.BYTES / 4;

    private static final int LOADS = 50;

    /** A quarter of what the weights alone would add up to. */
    private static final long BOUND_OF_LOADS = LOADS * 379_000L / 4;

    @Autowired
    private ModelLoader loader;

    @Autowired
    private ModelRepository repository;

    @Test
    void requestsOfAllSortsAndSizesLeaveNothingBehind() throws Exception {
        ask(WARM_UP);
        int resources = NativeHeap.resources();
        long bytes = settled();
        ask(REQUESTS);

        Waiting.until("DJL holds no more than before", () -> NativeHeap.resources() <= resources);
        Waiting.until("no more native memory is in use than before", () -> settled() - bytes < BOUND_OF_REQUESTS);
    }

    @Test
    void versionsThatWereLoadedAndClosedLeaveNothingBehind() {
        var checkpoint = new Checkpoint("reloaded", 1, 0);
        checkpoint.dropInto(MODELS);
        try {
            Waiting.until("it is seen", () -> http.get("/v1/models/reloaded").status() == 200);
            var version =
                    (Version.Sound) repository.snapshot().model("reloaded").version("1");
            for (int i = 0; i < 5; i++) {
                loader.load(version).release();
            }
            Waiting.until(
                    "it is loaded",
                    () -> http.get("/v1/models/reloaded/versions/1").text().contains("READY"));
            int resources = NativeHeap.resources();
            long bytes = settled();
            for (int i = 0; i < LOADS; i++) {
                loader.load(version).release();
            }

            assertThat(NativeHeap.resources()).isEqualTo(resources);
            Waiting.until("no more native memory is in use than before", () -> settled() - bytes < BOUND_OF_LOADS);
        } finally {
            Checkpoint.removeModel(MODELS, "reloaded");
        }
    }

    /**
     * What is in use when Java's dead buffers have been collected. It goes up and down by some megabytes for what Java's
     * compilers need, so tests look until it is low enough: a leak never is.
     */
    private static long settled() {
        System.gc();
        return NativeHeap.bytes();
    }

    private void ask(int requests) throws Exception {
        var left = new AtomicInteger(requests);
        var failed = new AtomicInteger();
        List<Thread> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            var random = new Random(client);
            clients.add(Thread.ofPlatform().start(() -> {
                while (left.getAndDecrement() > 0) {
                    if (status(random) != 200) {
                        failed.incrementAndGet();
                    }
                }
            }));
        }
        for (Thread client : clients) {
            client.join();
        }
        assertThat(failed).as("failed requests").hasValue(0);
    }

    private int status(Random random) {
        int rows = 1 + random.nextInt(random.nextInt(10) == 0 ? 100 : 4);
        String encoders = "/v1/models/" + ENCODERS.get(random.nextInt(ENCODERS.size()));
        return switch (random.nextInt(100)) {
            case 0 ->
                post("/v1/models/" + AUTO_DECODERS.get(random.nextInt(2)) + "/optimize?maxIterations=3", raw(784));
            case 1, 2 -> post(encoders + "/sample", "{\"count\": %d}".formatted(rows));
            default ->
                random.nextBoolean()
                        ? post(encoders + "/encode", raw(rows * 784))
                        : post(encoders + "/reconstruct", raw(rows * 784));
        };
    }

    private int post(String path, float[] values) {
        return http.post(path, "application/octet-stream", Http.raw(values), "Accept", "application/octet-stream")
                .status();
    }

    private int post(String path, String json) {
        return http.post(
                        path,
                        "application/json",
                        json.getBytes(StandardCharsets.UTF_8),
                        "Accept",
                        "application/octet-stream")
                .status();
    }

    private static float[] raw(int count) {
        float[] values = new float[count];
        java.util.Arrays.fill(values, 0.5f);
        return values;
    }
}
