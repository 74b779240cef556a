package io.github.latentdock.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.autoencoder.Autoencoder;
import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.LatentOptimizer;
import io.github.latentdock.autoencoder.LatentOptimizer.Settings;
import io.github.latentdock.autoencoder.LatentOptimizer.Solver;
import io.github.latentdock.autoencoder.Likelihood;
import io.github.latentdock.autoencoder.Posterior;
import io.github.latentdock.autoencoder.TorchScript;
import io.github.latentdock.inference.LoadedModels.State;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Version;
import io.github.latentdock.testing.Checkpoint;
import io.github.latentdock.testing.NativeHeap;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What fails half-way frees what it had begun, wherever that is. */
class HalfwayTest extends RunningService {

    private static final Path AFFINE = Path.of("src/test/resources/torchscript/affine");
    private static final Shape INPUT = new Shape(8);
    private static final Shape LATENT = new Shape(3);
    private static final String MODEL = "halfway";

    @Autowired
    private LoadedModels models;

    @Autowired
    private ModelLoader loader;

    @Autowired
    private ModelRepository repository;

    @Autowired
    private InferenceProperties properties;

    @Autowired
    private Lanes lanes;

    @BeforeEach
    void untilOnlyTheReferencesAreLoaded() {
        int references = ENCODERS.size() + AUTO_DECODERS.size();
        Waiting.until("only the references are loaded", () -> models.count(State.READY) == references);
    }

    @AfterEach
    void removeTheModel() {
        Checkpoint.removeModel(MODELS, MODEL);
    }

    @Test
    void aVersionThatFailsWhenAllOfItIsThereIsFreed() {
        var registry = new SimpleMeterRegistry();
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                if (id.getName().equals("latentdock.queue.rows")) {
                    throw new OutOfMemoryError("simulated");
                }
                return id;
            }
        });
        var failing = new ModelLoader(repository, properties, new InferenceMeters(registry), lanes);
        Version.Sound version = sound("fashion-ad");
        int before = NativeHeap.resources();

        assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> failing.load(version));
        assertThat(NativeHeap.resources()).isEqualTo(before);
    }

    @Test
    void aVersionThatIsNotWhatItsManifestSaysIsFreed() throws IOException {
        int before = NativeHeap.resources();
        Path folder = Files.createDirectories(MODELS.resolve(MODEL).resolve("1"));
        Files.copy(AFFINE.resolve("model.pt"), folder.resolve("model.pt"));
        Files.writeString(folder.resolve("model.json"), """
                {"name": "halfway", "kind": "ae", "format": "torchscript", "input": {"shape": [8]}, "latent": {"shape": [3]}}
                """);
        repository.scan();

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> loader.load(sound(MODEL)))
                .withMessageContaining("has no encoder, which the kind 'ae' needs");
        Waiting.until(
                "the service has failed with it too",
                () -> http.get("/v1/models/halfway/versions/1").text().contains("FAILED"));
        assertThat(NativeHeap.resources()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPreparationIsFreedAfterWhicheverPassItFails(boolean hasEncoder) {
        try (var model = new Failing(hasEncoder)) {
            int before = NativeHeap.resources();
            int passes = 0;
            while (fails(model, passes, () -> prepare(model))) {
                assertThat(NativeHeap.resources()).as("after %d passes", passes).isEqualTo(before);
                passes++;
            }
            assertThat(passes).isGreaterThan(20);
            assertThat(NativeHeap.resources()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource(Solver.class)
    void aSearchIsFreedAfterWhicheverPassItFails(Solver solver) {
        try (var model = new Failing(true);
                var optimizer = optimizer(model)) {
            optimizer.prepare();
            int before = NativeHeap.resources();
            var settings = new Settings(LatentOptimizer.Loss.SQUARED, 0.01, 0, 5, 3, 0, solver);
            int passes = 0;
            while (fails(
                    model,
                    passes,
                    () -> optimizer.optimize(new float[16], null, settings, (iteration, objectives) -> true))) {
                assertThat(NativeHeap.resources()).as("after %d passes", passes).isEqualTo(before);
                passes++;
            }
            assertThat(passes).isGreaterThan(5);
            assertThat(NativeHeap.resources()).isEqualTo(before);
        }
    }

    private static boolean fails(Failing model, int passes, Runnable action) {
        model.passes = passes;
        try {
            action.run();
            return false;
        } catch (OutOfMemoryError e) {
            return true;
        } finally {
            model.passes = Integer.MAX_VALUE;
        }
    }

    private static void prepare(Autoencoder model) {
        try (var optimizer = optimizer(model)) {
            optimizer.prepare();
        }
    }

    private static LatentOptimizer optimizer(Autoencoder model) {
        return new LatentOptimizer(model, INPUT, LATENT, Likelihood.GAUSSIAN, null, 64);
    }

    private Version.Sound sound(String model) {
        return (Version.Sound) repository.snapshot().model(model).version("1");
    }

    /** Has memory for so many passes. */
    private static final class Failing implements Autoencoder {

        private final Autoencoder model = TorchScript.load(AFFINE, Kind.AD, INPUT, LATENT);
        private final boolean hasEncoder;
        private int passes = Integer.MAX_VALUE;

        Failing(boolean hasEncoder) {
            this.hasEncoder = hasEncoder;
        }

        @Override
        public boolean hasEncoder() {
            return hasEncoder;
        }

        @Override
        public Posterior encode(NDArray x) {
            pass();
            return new Posterior(x.get(":, :3"), null);
        }

        @Override
        public NDArray decode(NDArray z) {
            pass();
            return model.decode(z);
        }

        private void pass() {
            if (passes-- == 0) {
                throw new OutOfMemoryError("simulated");
            }
        }

        @Override
        public void close() {
            model.close();
        }
    }
}
