package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several steps of every rule against torch.optim. */
class OptimizerScriptTest {

    static {
        SingleThread.use();
    }

    /** Of the largest value: a few of float32's roundings, 6e-8, in each of seven steps. */
    private static final double RELATIVE = 1e-6;

    private static final int PARAMETERS = 3;

    private static final GoldenOptimizers GOLDEN = GoldenOptimizers.read();

    static Set<String> plans() {
        return GOLDEN.plans().keySet();
    }

    @ParameterizedTest
    @MethodSource("plans")
    void goesWherePyTorchGoes(String name) {
        Optimizer plan = GOLDEN.plan(name);
        int steps = GOLDEN.array(name + "/rates").values().length;
        try (NDManager manager = NDManager.newBaseManager();
                var script = new OptimizerScript(plan, PARAMETERS, manager)) {
            List<NDArray> values = arrays(name + "/start/", manager);
            List<List<NDArray>> moments = new ArrayList<>();
            for (int i = 0; i < script.moments(); i++) {
                moments.add(values.stream()
                        .map(value -> manager.zeros(value.getShape()))
                        .toList());
            }
            for (int step = 0; step < steps; step++) {
                double rate = plan.rate(step, steps) * plan.learningRate();
                script.step(manager, rate, step + 1, values, gradients(name, step, manager), moments);
            }
            for (int i = 0; i < PARAMETERS; i++) {
                assertClose(
                        values.get(i).toFloatArray(),
                        GOLDEN.array(name + "/end/" + i).values());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("plans")
    void ratesFallAsPyTorchsDo(String name) {
        Optimizer plan = GOLDEN.plan(name);
        float[] rates = GOLDEN.array(name + "/rates").values();
        for (int step = 0; step < rates.length; step++) {
            assertThat(plan.rate(step, rates.length) * plan.learningRate())
                    .isCloseTo(rates[step], within(RELATIVE * plan.learningRate()));
        }
    }

    private static List<NDArray> arrays(String prefix, NDManager manager) {
        return IntStream.range(0, PARAMETERS)
                .mapToObj(i -> DeclaredAutoencoder.array(GOLDEN.array(prefix + i), manager))
                .toList();
    }

    private static List<NDArray> gradients(String name, int step, NDManager manager) {
        return IntStream.range(0, PARAMETERS)
                .mapToObj(i -> {
                    Values all = GOLDEN.array(name + "/gradients/" + i);
                    int[] shape = Arrays.copyOfRange(all.shape(), 1, all.shape().length);
                    int size = all.values().length / all.shape()[0];
                    float[] own = Arrays.copyOfRange(all.values(), step * size, (step + 1) * size);
                    return DeclaredAutoencoder.array(new Values(shape, own), manager);
                })
                .toList();
    }

    static void assertClose(float[] given, float[] expected) {
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
