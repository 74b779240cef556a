package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.testing.Npz;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeclaredAutoencoderTest {

    static {
        SingleThread.use();
    }

    /** Of the largest value: the same kernels of another version of PyTorch, which may sum in another order. */
    private static final double RELATIVE = 1e-5;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "fashion-ae,  z_random, decoded_random",
        "fashion-vae, z_random, decoded_random",
        "fashion-ad,  z,        decoded",
        "fashion-ae,  z,        reconstruction",
        "fashion-vae, mean,     reconstruction"
    })
    void decodesAsPyTorchDoes(String name, String latents, String decoded) {
        Npz expected = Npz.read("/reference/" + name + "/expected.npz");
        try (var model = Models.load(name);
                NDManager manager = NDManager.newBaseManager()) {
            NDArray x = model.decode(array(manager, expected.get(latents)));
            assertClose(x, expected.get(decoded));
        }
    }

    @Test
    void encodesToAPointAsPyTorchDoes() {
        Npz expected = Npz.read("/reference/fashion-ae/expected.npz");
        try (var model = Models.load("fashion-ae");
                NDManager manager = NDManager.newBaseManager()) {
            Posterior posterior = model.encode(array(manager, expected.get("x")));
            assertClose(posterior.mean(), expected.get("z"));
            assertThat(posterior.logVariance()).isNull();
        }
    }

    @Test
    void encodesToAMeanAndALogVarianceAsPyTorchDoes() {
        Npz expected = Npz.read("/reference/fashion-vae/expected.npz");
        try (var model = Models.load("fashion-vae");
                NDManager manager = NDManager.newBaseManager()) {
            Posterior posterior = model.encode(array(manager, expected.get("x")));
            assertClose(posterior.mean(), expected.get("mean"));
            assertThat(posterior.logVariance())
                    .satisfies(logVariance -> assertClose(logVariance, expected.get("log_variance")));
        }
    }

    @Test
    void saysThatAnAutoDecoderHasNoEncoder() {
        try (var model = Models.load("fashion-ad");
                NDManager manager = NDManager.newBaseManager()) {
            assertThat(model.hasEncoder()).isFalse();
            assertThatThrownBy(() -> model.encode(manager.zeros(new Shape(1, 1, 28, 28))))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void leavesNothingBehindInTheManagersItUses() {
        try (var model = Models.load("fashion-vae");
                NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.zeros(new Shape(2, 1, 28, 28));
            int given = manager.getManagedArrays().size();
            int owned = managerOf(model).getManagedArrays().size();
            for (int i = 0; i < 200; i++) {
                Posterior posterior = model.encode(x);
                try (NDArray mean = posterior.mean();
                        NDArray logVariance = posterior.logVariance();
                        NDArray decoded = model.decode(mean)) {
                    assertThat(List.of(mean, decoded)).allMatch(array -> array.getManager() == manager);
                    assertThat(logVariance).isNotNull();
                }
            }
            assertThat(manager.getManagedArrays()).hasSize(given);
            assertThat(managerOf(model).getManagedArrays()).hasSize(owned);
        }
    }

    @Test
    void computesNoGradientForItsWeights() {
        try (var model = Models.load("fashion-vae");
                NDManager manager = NDManager.newBaseManager()) {
            NDArray decoded = model.decode(manager.zeros(new Shape(1, 16)));
            assertThat(model.weights().values()).noneMatch(NDArray::hasGradient);
            assertThat(decoded.hasGradient()).isFalse();
        }
    }

    @Test
    void givesAWeightItsGradientWhereATrainerAsksForIt() {
        Network network = Network.parse(
                Models.declaration(
                        "{\"decoder\": [{\"type\": \"Linear\", \"in_features\": 2, \"out_features\": 1, \"bias\": false}]}"),
                Kind.AD,
                new int[] {1},
                new int[] {2});
        var weights = new LinkedHashMap<>(Map.of("decoder.weight", new Values(new int[] {1, 2}, new float[] {5, 7})));
        try (var model = load(network, weights);
                NDManager manager = NDManager.newBaseManager()) {
            NDArray weight = model.parameters().firstEntry().getValue();
            weight.setRequiresGradient(true);
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDArray z = manager.create(new float[] {2, 3}, new Shape(1, 2));
                collector.backward(model.decode(z, new Random(1)).sum());
            }
            assertThat(weight.getGradient().toFloatArray()).containsExactly(2, 3);
        }
    }

    @Test
    void learnsItsParametersButNotItsStatistics() {
        try (var model = Models.load("fashion-vae")) {
            assertThat(model.parameters().keySet())
                    .contains("encoder.1.weight", "mean.0.bias")
                    .noneMatch(key -> key.contains("running"));
            assertThat(model.weights().keySet()).contains("encoder.1.running_mean");
        }
    }

    @Test
    void givesEveryThreadItsOwnAnswer() throws Exception {
        try (var model = Models.load("fashion-vae");
                var threads = Executors.newFixedThreadPool(4);
                NDManager manager = NDManager.newBaseManager()) {
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                float[] z = new float[16 * (1 + i % 5)];
                Arrays.fill(z, i / 32f - 1);
                float[] expected = decode(model, z, manager);
                calls.add(() -> {
                    try (NDManager own = NDManager.newBaseManager()) {
                        return close(decode(model, z, own), expected);
                    }
                });
            }
            List<Future<Boolean>> answers = threads.invokeAll(calls);
            assertThat(answers).allMatch(Future::resultNow);
        }
    }

    @Test
    void answersEachRowAsIfItWereAlone() {
        Npz expected = Npz.read("/reference/fashion-vae/expected.npz");
        try (var model = Models.load("fashion-vae");
                NDManager manager = NDManager.newBaseManager()) {
            float[] together =
                    model.encode(array(manager, expected.get("x"))).mean().toFloatArray();
            float[] alone = model.encode(manager.create(expected.get("x").row(3), new Shape(1, 1, 28, 28)))
                    .mean()
                    .toFloatArray();
            assertThat(close(Arrays.copyOfRange(together, 48, 64), alone)).isTrue();
        }
    }

    @Test
    void givesACopyWhereTheNetworkOnlyReshapes() {
        Network network = Network.parse(
                Models.declaration(
                        "{\"decoder\": [{\"type\": \"Unflatten\", \"dim\": 1, \"unflattened_size\": [2, 2]}]}"),
                Kind.AD,
                new int[] {2, 2},
                new int[] {4});
        try (var model = load(network, new LinkedHashMap<>());
                NDManager manager = NDManager.newBaseManager()) {
            NDArray z = manager.create(new float[] {1, 2, 3, 4}, new Shape(1, 4));
            NDArray x = model.decode(z);
            z.muli(0);
            assertThat(x.toFloatArray()).containsExactly(1, 2, 3, 4);
        }
    }

    @Test
    void dropsInTrainingWhatTheSeedSays() {
        try (var model = dropout();
                NDManager manager = NDManager.newBaseManager()) {
            NDArray z = manager.ones(new Shape(100, 10));
            float[] dropped = model.decode(z, new Random(3)).toFloatArray();
            assertThat(dropped).containsOnly(0, 4);
            assertThat(model.decode(z, new Random(3)).toFloatArray()).isEqualTo(dropped);
        }
    }

    @Test
    void keepsOnAverageWhatDropoutPromises() {
        try (var model = dropout();
                NDManager manager = NDManager.newBaseManager()) {
            NDArray z = manager.ones(new Shape(1000, 10));
            // 10 000 values of 4 with probability 1/4: the mean's standard deviation is 0.017.
            assertThat(model.decode(z, new Random(3)).mean().getFloat()).isCloseTo(1, within(0.1f));
        }
    }

    @Test
    void readsAHeadOfOneLayerUnderEitherKey() {
        Network network = Network.parse(
                Models.declaration(
                        "{\"decoder\": [{\"type\": \"Linear\", \"in_features\": 1, \"out_features\": 1, \"bias\": false}]}"),
                Kind.AD,
                new int[] {1},
                new int[] {1});
        for (String key : List.of("decoder.weight", "decoder.0.weight")) {
            var weights = new LinkedHashMap<>(Map.of(key, new Values(new int[] {1, 1}, new float[] {3})));
            try (var model = load(network, weights);
                    NDManager manager = NDManager.newBaseManager()) {
                assertThat(model.decode(manager.ones(new Shape(1, 1))).toFloatArray())
                        .containsExactly(3);
            }
        }
    }

    @Test
    void refusesWeightsThatAreNotFinite() {
        Network network = Network.parse(
                Models.declaration(
                        "{\"decoder\": [{\"type\": \"Linear\", \"in_features\": 1, \"out_features\": 1, \"bias\": false}]}"),
                Kind.AD,
                new int[] {1},
                new int[] {1});
        var weights =
                new LinkedHashMap<>(Map.of("decoder.weight", new Values(new int[] {1, 1}, new float[] {Float.NaN})));
        assertThatThrownBy(() -> load(network, weights))
                .isInstanceOf(InvalidModelException.class)
                .hasMessage("decoder.weight: has a NaN or an infinity");
    }

    private DeclaredAutoencoder dropout() {
        Network network = Network.parse(
                Models.declaration("{\"decoder\": [{\"type\": \"Dropout\", \"p\": 0.75}]}"),
                Kind.AD,
                new int[] {10},
                new int[] {10});
        return load(network, new LinkedHashMap<>());
    }

    private DeclaredAutoencoder load(Network network, SequencedMap<String, Values> weights) {
        Path file = folder.resolve("weights.safetensors");
        Safetensors.write(file, weights);
        try (var read = Safetensors.open(file)) {
            return DeclaredAutoencoder.load(network, read);
        }
    }

    private static NDManager managerOf(DeclaredAutoencoder model) {
        return new NDList(model.weights().values()).head().getManager();
    }

    private static float[] decode(Autoencoder model, float[] z, NDManager manager) {
        return model.decode(manager.create(z, new Shape(z.length / 16, 16))).toFloatArray();
    }

    private static NDArray array(NDManager manager, Npz.Array array) {
        return manager.create(
                array.values(),
                new Shape(Arrays.stream(array.shape()).asLongStream().toArray()));
    }

    private static void assertClose(NDArray given, Npz.Array expected) {
        assertThat(given.getShape().getShape())
                .isEqualTo(Arrays.stream(expected.shape()).asLongStream().toArray());
        assertThat(close(given.toFloatArray(), expected.values())).isTrue();
    }

    private static boolean close(float[] given, float[] expected) {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) given[i] - expected[i]));
        }
        return given.length == expected.length && difference <= RELATIVE * largest;
    }
}
