package io.github.latentdock.inference;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.github.latentdock.autoencoder.Safetensors;
import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.inference.LoadedModels.State;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.testing.Checkpoint;
import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.NativeHeap;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.util.FileSystemUtils;

/** Versions that are deleted, written over and swapped while they are loaded and waited for. */
class ComingAndGoingTest extends RunningService {

    private static final int ROUNDS = 40;
    private static final int WRITE_OVER = 3;
    private static final String MODEL = "fleeting";
    private static final String PATH = "/v1/models/" + MODEL;
    private static final Path FOLDER = MODELS.resolve(MODEL);

    @Autowired
    private LoadedModels models;

    @Autowired
    private ModelRepository repository;

    private final AtomicInteger newest = new AtomicInteger();

    @AfterEach
    void removeTheModel() {
        Checkpoint.removeModel(MODELS, MODEL);
        untilOnlyTheReferencesAreLoaded();
    }

    @Test
    void versionsThatComeAndGoWhileTheyAreLoadedLeaveNothingBehind() throws Exception {
        untilOnlyTheReferencesAreLoaded();
        int resources = NativeHeap.resources();
        Queue<Integer> answers = new ConcurrentLinkedQueue<>();
        var done = new AtomicBoolean();
        List<Thread> clients = new ArrayList<>();
        for (String path : List.of("%s/decode", "%s/versions/%d/decode", "%s/versions/canary/decode")) {
            clients.add(Thread.ofPlatform().start(() -> {
                while (!done.get()) {
                    answers.add(decode(path.formatted(PATH, newest.get())));
                }
            }));
        }
        try {
            for (int round = 1; round <= ROUNDS; round++) {
                publish(round);
                for (int request = 0; request < round % 7; request++) {
                    http.get(PATH);
                }
                change(round % 5, round);
            }
        } finally {
            done.set(true);
            for (Thread client : clients) {
                client.join();
            }
        }
        removeTheModel();

        assertThat(answers).isNotEmpty().isSubsetOf(200, 404, 503);
        Waiting.until("DJL holds no more than before", () -> NativeHeap.resources() <= resources);
    }

    @Test
    void aRequestThatWaitsForAVersionThatIsWrittenOverGetsWhatReplacesIt() throws Exception {
        var gate = new LoaderGate();
        gate.attach();
        try {
            publish(1);
            gate.untilReached();
            publish(2);
            CompletableFuture<Integer> first = askForVersion2();
            Waiting.until("the first request waits", () -> status(2) == State.LOADING);
            change(WRITE_OVER, 2);
            repository.scan();
            CompletableFuture<Integer> second = askForVersion2();
            Waiting.until("the second request waits for what is there now", () -> status(2) == State.LOADING);
            gate.open();

            assertThat(first.join()).isEqualTo(200);
            assertThat(second.join()).isEqualTo(200);
        } finally {
            gate.open();
            gate.detach();
        }
    }

    private void untilOnlyTheReferencesAreLoaded() {
        int references = ENCODERS.size() + AUTO_DECODERS.size();
        Waiting.until("only the references are loaded", () -> models.count(State.READY) == references);
    }

    private CompletableFuture<Integer> askForVersion2() {
        return CompletableFuture.supplyAsync(() -> decode(PATH + "/versions/2/decode"), Thread::startVirtualThread);
    }

    private State status(int version) {
        return models.status(repository.snapshot().model(MODEL).version(String.valueOf(version)))
                .state();
    }

    private int decode(String path) {
        return http.post(path, "application/octet-stream", Http.raw(new float[] {1, 2}))
                .status();
    }

    private void publish(int version) throws IOException {
        Path whole = Files.createTempDirectory(MODELS.getParent(), "fleeting");
        weights(whole.resolve("weights.safetensors"), version);
        Files.writeString(whole.resolve("model.json"), """
                {"name": "fleeting", "kind": "ae", "format": "safetensors", "input": {"shape": [4]}, "latent": {"shape": [2]},
                 "network": {"encoder": [{"type": "Linear", "in_features": 4, "out_features": 2}],
                             "decoder": [{"type": "Linear", "in_features": 2, "out_features": 4}]}}
                """);
        var codes = new LinkedHashMap<String, Values>();
        codes.put("codes", values(8, 2));
        Safetensors.write(whole.resolve("codes.safetensors"), codes);
        Files.createDirectories(FOLDER);
        Files.move(whole, FOLDER.resolve(String.valueOf(version)), StandardCopyOption.ATOMIC_MOVE);
        repository.scan();
        newest.set(version);
    }

    private void change(int how, int version) throws IOException {
        Path folder = FOLDER.resolve(String.valueOf(version));
        switch (how) {
            case 0 -> http.delete(PATH + "/versions/" + version);
            case 1 -> FileSystemUtils.deleteRecursively(folder);
            case 2 -> Files.deleteIfExists(folder.resolve("weights.safetensors"));
            case WRITE_OVER -> {
                Path other = Files.createTempFile(MODELS.getParent(), "weights", "");
                weights(other, version + 0.5f);
                Files.move(other, folder.resolve("weights.safetensors"), StandardCopyOption.ATOMIC_MOVE);
            }
            default -> http.send("PUT", PATH + "/aliases/canary", Map.of("version", version));
        }
    }

    private static void weights(Path file, float value) {
        var weights = new LinkedHashMap<String, Values>();
        weights.put("encoder.0.weight", values(2, 4));
        weights.put("encoder.0.bias", values(2));
        weights.put("decoder.0.weight", values(4, 2));
        weights.put("decoder.0.bias", new Values(new int[] {4}, new float[] {value, 1, 2, 3}));
        Safetensors.write(file, weights);
    }

    private static Values values(int... shape) {
        int size = 1;
        for (int dimension : shape) {
            size *= dimension;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = i % 5 * 0.25f;
        }
        return new Values(shape, values);
    }

    /** Stops the loading thread when it has loaded the first version. */
    private static final class LoaderGate extends AppenderBase<ILoggingEvent> {

        private static final Logger LOG = (Logger) LoggerFactory.getLogger(Slots.class);

        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        void attach() {
            start();
            LOG.addAppender(this);
        }

        void detach() {
            LOG.detachAppender(this);
        }

        void untilReached() throws InterruptedException {
            reached.await();
        }

        void open() {
            open.countDown();
        }

        @Override
        protected void append(ILoggingEvent event) {
            if (event.getFormattedMessage().startsWith("Loaded version 1 of model 'fleeting'")) {
                reached.countDown();
                try {
                    open.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
