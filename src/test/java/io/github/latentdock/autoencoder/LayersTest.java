package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer type against PyTorch's own numbers. */
class LayersTest {

    static {
        SingleThread.use();
    }

    /** Of the largest value of an array: sums of float32 in another order differ by a few units of its last place, 6e-8. */
    private static final double RELATIVE = 1e-5;

    static Stream<Golden> layers() {
        return Golden.all().stream();
    }

    static Stream<Golden> layersWithStatistics() {
        return layers().filter(golden -> golden.arrays().containsKey("training/out"));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void givesWhatPyTorchGives(Golden golden) {
        try (var model = golden.load();
                NDManager manager = NDManager.newBaseManager()) {
            NDArray out = model.decode(golden.array("in", manager));
            assertThat(out.getShape().getShape())
                    .isEqualTo(golden.array("out", manager).getShape().getShape());
            assertClose(out.toFloatArray(), golden.values("out"));
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void hasPyTorchsGradient(Golden golden) {
        try (var model = golden.load();
                NDManager manager = NDManager.newBaseManager()) {
            assertClose(gradient(golden, model, manager), golden.values("gradient"));
        }
    }

    /**
     * The derivative along the gradient, which is the gradient's length, by central differences. With a step of 0.01 the
     * difference quotient of a smooth layer errs by 1e-4 (its third derivative) and by 1e-5 (float32's rounding divided by the
     * step); a step across a kink (ReLU, pooling) costs up to that element's share. So 1 %.
     */
    @ParameterizedTest
    @MethodSource("layers")
    void hasTheGradientOfItsFiniteDifferences(Golden golden) {
        try (var model = golden.load();
                NDManager manager = NDManager.newBaseManager()) {
            float[] gradient = gradient(golden, model, manager);
            double length = 0;
            for (float part : gradient) {
                length += (double) part * part;
            }
            length = Math.sqrt(length);
            double step = 0.01;
            double above = along(golden, model, manager, gradient, step / length);
            double below = along(golden, model, manager, gradient, -step / length);
            assertThat((above - below) / (2 * step)).isCloseTo(length, within(0.01 * length));
        }
    }

    @ParameterizedTest
    @MethodSource("layersWithStatistics")
    void trainsOnTheStatisticsOfTheBatch(Golden golden) {
        try (var model = golden.load();
                NDManager manager = NDManager.newBaseManager()) {
            NDArray out = model.decode(golden.array("in", manager), new Random(1));
            assertClose(out.toFloatArray(), golden.values("training/out"));
        }
    }

    @ParameterizedTest
    @MethodSource("layersWithStatistics")
    void updatesItsRunningStatisticsInTraining(Golden golden) {
        try (var model = golden.load();
                NDManager manager = NDManager.newBaseManager()) {
            model.decode(golden.array("in", manager), new Random(1));
            model.weights().forEach((key, weight) -> {
                if (key.contains("running")) {
                    assertClose(weight.toFloatArray(), golden.values("training/" + key));
                }
            });
        }
    }

    @Test
    void everyTypeIsCompared() {
        Set<String> compared = new TreeSet<>();
        Golden.all().forEach(golden -> golden.layers().forEach(layer -> compared.add((String) layer.get("type"))));
        assertThat(compared).containsExactlyInAnyOrderElementsOf(Layers.types());
    }

    private static float[] gradient(Golden golden, Autoencoder model, NDManager manager) {
        NDArray z = golden.array("in", manager);
        z.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(
                    model.decode(z).mul(golden.array("direction", manager)).sum());
        }
        return z.getGradient().toFloatArray();
    }

    private static double along(Golden golden, Autoencoder model, NDManager manager, float[] gradient, double scale) {
        NDArray z = golden.array("in", manager);
        float[] moved = z.toFloatArray();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (scale * gradient[i]);
        }
        float[] out = model.decode(manager.create(moved, z.getShape())).toFloatArray();
        float[] direction = golden.values("direction");
        double sum = 0;
        for (int i = 0; i < out.length; i++) {
            sum += (double) out[i] * direction[i];
        }
        return sum;
    }

    private static void assertClose(float[] given, float[] expected) {
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(given).hasSameSizeAs(expected);
        for (int i = 0; i < given.length; i++) {
            assertThat((double) given[i]).isCloseTo(expected[i], within(RELATIVE * largest));
        }
    }
}
