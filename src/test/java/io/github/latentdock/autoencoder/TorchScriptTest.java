package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.References;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchScriptTest {

    private static final Shape IMAGE = new Shape(1, 28, 28);
    private static final Path TINY = Path.of("src/test/resources/torchscript");

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void freeArrays() {
        manager.close();
    }

    @Test
    void encodesAndDecodesAnAutoencoderAsPyTorchDoes() {
        Npz expected = Npz.read("/reference/fashion-ae/expected.npz");
        try (Autoencoder model = TorchScript.load(References.script("fashion-ae"), Kind.AE, IMAGE, new Shape(32))) {
            assertClose(model.encode(array(expected.get("x"))).mean(), expected.get("z"));
            assertClose(model.decode(array(expected.get("z"))), expected.get("reconstruction"));
        }
    }

    @Test
    void givesMeanAndLogVarianceOfAVariationalAutoencoder() {
        Npz expected = Npz.read("/reference/fashion-vae/expected.npz");
        try (Autoencoder model = TorchScript.load(References.script("fashion-vae"), Kind.VAE, IMAGE, new Shape(16))) {
            Posterior posterior = model.encode(array(expected.get("x")));
            assertClose(posterior.mean(), expected.get("mean"));
            assertClose(Objects.requireNonNull(posterior.logVariance()), expected.get("log_variance"));
            assertClose(model.decode(posterior.mean()), expected.get("reconstruction"));
        }
    }

    @Test
    void takesForwardForTheDecoderOfAnAutoDecoder() {
        Npz expected = Npz.read("/reference/fashion-ad/expected.npz");
        try (Autoencoder model = TorchScript.load(References.script("fashion-ad"), Kind.AD, IMAGE, new Shape(32))) {
            assertClose(model.decode(array(expected.get("z"))), expected.get("decoded"));
            assertThat(model.hasEncoder()).isFalse();
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> model.encode(manager.zeros(new Shape(1, 1, 28, 28))));
        }
    }

    @Test
    void joinsAnEncoderAndADecoderOfTheirOwnFiles() {
        try (Autoencoder model = load("halves", Kind.AE)) {
            NDArray z = model.encode(manager.ones(new Shape(3, 6))).mean();
            assertThat(z.getShape()).isEqualTo(new Shape(3, 2));
            assertThat(model.decode(z).getShape()).isEqualTo(new Shape(3, 6));
        }
    }

    @Test
    void dropoutAndBatchNormalisationStayInEvaluationMode() {
        try (Autoencoder model = load("ae", Kind.AE)) {
            NDArray z = manager.ones(new Shape(4, 2));
            z.setRequiresGradient(true);
            float[] once = model.decode(z).toFloatArray();
            float[] again = model.decode(z).toFloatArray();
            assertThat(again).isEqualTo(once);
            assertThat(Arrays.copyOf(once, 6)).isEqualTo(Arrays.copyOfRange(once, 6, 12));
        }
    }

    @Test
    void manyThreadsGetTheirOwnAnswers() throws Exception {
        Npz expected = Npz.read("/reference/fashion-ae/expected.npz");
        try (Autoencoder model = TorchScript.load(References.script("fashion-ae"), Kind.AE, IMAGE, new Shape(32));
                var threads = Executors.newFixedThreadPool(4)) {
            Callable<Void> work = () -> {
                try (NDManager own = NDManager.newBaseManager()) {
                    for (int i = 0; i < 8; i++) {
                        NDArray x = own.create(expected.get("x").row(i), new Shape(1, 1, 28, 28));
                        assertThat(model.encode(x).mean().toFloatArray())
                                .usingComparatorWithPrecision(1e-4f)
                                .containsExactly(expected.get("z").row(i));
                    }
                }
                return null;
            };
            for (Future<Void> done :
                    threads.invokeAll(IntStream.range(0, 16).mapToObj(i -> work).toList())) {
                done.get();
            }
        }
    }

    @Test
    void whatItComputesBelongsToTheManagerOfTheInput() {
        try (Autoencoder model = load("vae", Kind.VAE)) {
            NDArray x = manager.zeros(new Shape(1, 6));
            int before = manager.getManagedArrays().size();
            model.encode(x);
            assertThat(manager.getManagedArrays()).hasSize(before + 2);
        }
    }

    @Test
    void refusesAFolderWithoutAModel(@TempDir Path empty) {
        assertRefused(empty, Kind.AD, 6, 2, "model.pt", "missing");
    }

    @Test
    void refusesAFileThatIsNoTorchScript(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("model.pt"), "no archive");
        assertRefused(folder, Kind.AD, 6, 2, "model.pt", "no TorchScript");
    }

    @Test
    void refusesAnEncoderWithoutADecoder() {
        assertRefused(TINY.resolve("encode-only"), Kind.AE, 6, 6, "model.pt", "has a method 'encode' but no 'decode'");
    }

    @Test
    void refusesADecoderAloneAsAnAutoencoder() {
        assertRefused(TINY.resolve("affine"), Kind.AE, 8, 3, "model.pt", "has no encoder, which the kind 'ae' needs");
    }

    @Test
    void refusesAnAutoencoderAsAVariationalOne() {
        assertRefused(TINY.resolve("ae"), Kind.VAE, 6, 2, "model.pt", "gives 1 tensor(s), 2 needed");
    }

    @Test
    void refusesAnOutputOfAnotherShape() {
        assertRefused(TINY.resolve("ae"), Kind.AE, 7, 2, "model.pt", "gives (2, 6) for two examples");
    }

    @Test
    void refusesALatentThatTheDecoderCannotTake() {
        assertRefused(
                TINY.resolve("ae"),
                Kind.AE,
                6,
                5,
                "model.pt",
                "'decode' cannot run on (2, 5): RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x5 and 2x6)");
    }

    @Test
    void refusesWhatWasTracedWithABatchOfOneAndSaysSo() {
        assertRefused(
                TINY.resolve("traced"),
                Kind.AD,
                6,
                2,
                "'forward' cannot run on (2, 2): RuntimeError: shape '[1, 6]' is invalid for input of size 12",
                "it runs on one row: was it traced with a batch of one?");
    }

    @Test
    void aReasonIsOneShortLine() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> TorchScript.load(TINY.resolve("ae"), Kind.AE, new Shape(6), new Shape(5)))
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1).hasSizeLessThan(200));
    }

    @Test
    void refusesWeightsThatAreNotNumbers() {
        assertRefused(TINY.resolve("nan"), Kind.AD, 6, 2, "model.pt", "'layer.weight' contains NaN");
    }

    private static void assertRefused(Path folder, Kind kind, int input, int latent, String... told) {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> TorchScript.load(folder, kind, new Shape(input), new Shape(latent)))
                .satisfies(e -> assertThat(e.getMessage()).contains(told));
    }

    private static Autoencoder load(String name, Kind kind) {
        return TorchScript.load(TINY.resolve(name), kind, new Shape(6), new Shape(2));
    }

    private NDArray array(Npz.Array array) {
        return manager.create(
                array.values(),
                new Shape(IntStream.of(array.shape()).asLongStream().toArray()));
    }

    /** 1e-5 of the largest value: single precision, summed in another order. */
    private static void assertClose(NDArray actual, Npz.Array expected) {
        float[] values = actual.toFloatArray();
        float[] right = expected.values();
        assertThat(values).hasSameSizeAs(right);
        float largest = 0;
        for (float value : right) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < right.length; i++) {
            assertThat(values[i]).isCloseTo(right[i], within(1e-5f * Math.max(1, largest)));
        }
    }
}
