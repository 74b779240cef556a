package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.management.ThreadMXBean;
import io.github.latentdock.autoencoder.Randomness.Purpose;
import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.testing.NativeHeap;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SequencedMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationTest {

    static {
        SingleThread.use();
    }

    private static final String VAE = "{'type': 'vae'}";
    private static final String AD = "{'type': 'ad'}";
    private static final TestExamples FEW = TestExamples.patterns(600, 1, 6);

    /** Block by block they are what they are one by one, the last and smaller block included. */
    @Test
    void theErrorIsTheMeanOfThoseOfSingleExamples() {
        Network network = network(VAE, FEW);
        var sum = new double[1];
        try (Evaluation evaluation = evaluation(VAE, FEW, Wanted.ALWAYS);
                var model = DeclaredAutoencoder.of(network, weights(network));
                NDManager manager = NDManager.newBaseManager()) {
            float[] x = new float[6];
            for (int row = 0; row < FEW.count(); row++) {
                FEW.values(row, x, 0);
                float[] y = model.decode(
                                model.encode(manager.create(x, new Shape(1, 6))).mean())
                        .toFloatArray();
                for (int i = 0; i < 6; i++) {
                    sum[0] += Math.pow(y[i] - x[i], 2) / 6 / FEW.count();
                }
            }

            assertThat(evaluation.measure(FEW, FEW).get("mse"))
                    .asInstanceOf(InstanceOfAssertFactories.DOUBLE)
                    .isCloseTo(sum[0], within(1e-6 * sum[0]));
        }
    }

    /** Against the variance of all codes at once. */
    @Test
    void latentsInUseAreThoseWhoseMeanVaries() {
        try (Evaluation evaluation = evaluation(VAE, FEW, Wanted.ALWAYS)) {
            int[] rows = IntStream.range(0, FEW.count()).toArray();
            double[][] columns = Columns.of(evaluation.codes(FEW, rows), 4);
            double[] means = Columns.mean(columns);
            long active = IntStream.range(0, 4)
                    .filter(j -> Arrays.stream(columns[j])
                                    .map(code -> Math.pow(code - means[j], 2))
                                    .average()
                                    .orElseThrow()
                            > Evaluation.ACTIVE)
                    .count();

            assertThat(active).isPositive();
            assertThat(evaluation.measure(FEW, FEW)).containsEntry("activeUnits", active);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {VAE, "{'type': 'ml-vae', 'group': 2}", "{'type': 'ae'}", AD})
    void endsSoonWhereverItIsWhenItIsNotWantedAnyMore(String objective) {
        TestExamples grouped = FEW.grouped(5);
        var asked = new AtomicInteger();
        measure(objective, grouped, () -> {
            asked.incrementAndGet();
            return true;
        });
        // Ten moments of it.
        for (int moment = 1; moment <= asked.get(); moment += Math.ceilDiv(asked.get(), 10)) {
            int last = moment;
            int resources = NativeHeap.resources();
            var again = new AtomicInteger();
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> measure(objective, grouped, () -> again.incrementAndGet() < last));
            assertThat(again).as("asked once more and no further").hasValue(last);
            assertThat(NativeHeap.resources()).isEqualTo(resources);
        }
    }

    /** Of 3136 bytes that an example has: were they, or what becomes of them, kept, it would take more. */
    @Test
    void whatItTakesOnTheHeapIsAFewNumbersForEachExample() {
        allocated(2000);
        long few = allocated(2000);
        long many = allocated(12_000);

        assertThat((many - few) / 10_000.0).isLessThan(1000);
    }

    private static long allocated(int count) {
        var examples = new Pattern(count);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Evaluation evaluation = evaluation(VAE, examples, Wanted.ALWAYS)) {
            long before = threads.getCurrentThreadAllocatedBytes();
            evaluation.measure(examples, examples);
            return threads.getCurrentThreadAllocatedBytes() - before;
        }
    }

    private static void measure(String objective, TestExamples examples, Wanted wanted) {
        try (Evaluation evaluation = evaluation(objective, examples, wanted)) {
            evaluation.measure(examples, examples);
        }
    }

    private static Evaluation evaluation(String type, Examples examples, Wanted wanted) {
        Objective objective = Trainings.objective(type);
        Network network = network(type, examples);
        float[] codes = objective.kind() == Kind.AD ? TestExamples.normal(4 * 50, 3) : new float[0];
        return new Evaluation(
                Trainings.settings(objective, "{}", 1, 8, null),
                network,
                new TrainedState(weights(network), codes, Double.NaN),
                wanted);
    }

    private static Network network(String objective, Examples examples) {
        return Trainings.network(
                Trainings.objective(objective), "{'preset': 'mlp', 'hidden': [12], 'latent': 4}", examples);
    }

    private static SequencedMap<String, Values> weights(Network network) {
        var weights = network.initial(new Randomness(5).of(Purpose.INITIAL_WEIGHTS, 0));
        // Larger than at the start of a training, so that latents tell something.
        for (Values values : weights.values()) {
            for (int i = 0; i < values.values().length; i++) {
                values.values()[i] *= 3;
            }
        }
        return weights;
    }

    /** Any number of them, which take nothing themselves. */
    private record Pattern(int count) implements CompleteExamples {

        @Override
        public int[] shape() {
            return new int[] {784};
        }

        @Override
        public float low() {
            return 0;
        }

        @Override
        public float high() {
            return 1;
        }

        @Override
        public void values(int row, float[] into, int offset) {
            for (int i = 0; i < 784; i++) {
                into[offset + i] = (row * 31 + i * row % 7) % 17 / 17f;
            }
        }
    }
}
