package io.github.latentdock.autoencoder;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.management.ThreadMXBean;
import io.github.latentdock.autoencoder.Randomness.Purpose;
import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.testing.NativeHeap;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /** The network's error and that of principal components: each example counts the same, however much of it is missing. */
    @Test
    void everyExampleOfWhichSomethingWasObservedCountsTheSame() {
        TestExamples missing = FEW.missing(0.6, 3);
        float[] mask = requireNonNull(missing.mask());
        List<Double> errors = new ArrayList<>();
        try (Evaluation evaluation = evaluation(VAE, missing, Wanted.ALWAYS)) {
            evaluation.reconstruct(missing, missing.count(), (row, made, offset) -> {
                double sum = 0;
                double observed = 0;
                for (int i = 0; i < 6; i++) {
                    if (mask[row * 6 + i] == 1) {
                        sum += Math.pow(made[offset + i] - missing.values()[row * 6 + i], 2);
                        observed++;
                    }
                }
                if (observed > 0) {
                    errors.add(sum / observed);
                }
            });
            var metrics = evaluation.measure(missing, missing);

            // 600 examples of 6 values, of which 0.6^6 lack all.
            assertThat(errors).hasSizeBetween(550, 590);
            assertThat(metrics).containsEntry("examples", errors.size());
            double mse = errors.stream().mapToDouble(error -> error).average().orElseThrow();
            assertThat((double) requireNonNull(metrics.get("mse"))).isCloseTo(mse, within(1e-6 * mse));
            var components =
                    PrincipalComponents.fit(missing, 4, new Randomness(7).of(Purpose.COMPONENTS, 1), Wanted.ALWAYS);
            assertThat(metrics).containsEntry("pcaMse", components.error(missing, Wanted.ALWAYS));
        }
    }

    /** Of 2500 examples of two kinds, one kind after the other, some are measured: as if each were picked by hand. */
    @ParameterizedTest
    @ValueSource(strings = {VAE, AD})
    void whereSomeExamplesAreMeasuredTheyAreEvenlySpaced(String objective) {
        TestExamples sorted = TestExamples.patterns(2500, 4, 6);
        for (int i = sorted.values().length / 2; i < sorted.values().length; i++) {
            sorted.values()[i] = 1 - sorted.values()[i];
        }
        float[] picked = new float[1000 * 6];
        for (int i = 0; i < 1000; i++) {
            System.arraycopy(sorted.values(), i * 5 / 2 * 6, picked, i * 6, 6);
        }
        List<String> ofSome = objective.equals(AD)
                ? List.of("examples", "mse", "pcaMse", "errorQuantiles")
                : List.of("iwae64", "iwaeElbo", "iwaeExamples");
        try (Evaluation evaluation = evaluation(objective, FEW, Wanted.ALWAYS)) {
            var all = evaluation.measure(FEW, sorted);
            var some = evaluation.measure(FEW, new TestExamples(new int[] {6}, picked, null, null, 0, 1));

            assertThat(all).containsKeys(ofSome.toArray(String[]::new));
            ofSome.forEach(name -> assertThat(all).containsEntry(name, requireNonNull(some.get(name))));
        }
    }

    /** Of pictures whose latents are maps. With few examples there are few components. */
    @ParameterizedTest
    @CsvSource({"400, false", "10, true"})
    void principalComponentsThatWouldFillTheMemoryAreLeftOut(int training, boolean there) {
        var pictures = new Pattern(training, new int[] {3, 128, 128});
        Network network = Trainings.network(Trainings.objective("{'type': 'ae'}"), """
                {'encoder': [{'type': 'Conv2d', 'in_channels': 3, 'out_channels': 4, 'kernel_size': 8, 'stride': 8}],
                 'decoder': [{'type': 'ConvTranspose2d', 'in_channels': 4, 'out_channels': 3, 'kernel_size': 8, 'stride': 8}],
                 'latent': [4, 16, 16]}
                """, pictures);
        try (Evaluation evaluation = evaluation("{'type': 'ae'}", network, weights(network))) {
            var metrics = evaluation.measure(pictures, new Pattern(2, new int[] {3, 128, 128}));

            assertThat(metrics).containsKey("mse");
            assertThat(metrics.containsKey("pcaMse")).isEqualTo(there);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {VAE, AD})
    void aWeightThatIsNoNumberIsNamed(String objective) {
        Network network = network(objective, FEW);
        var weights = weights(network);
        requireNonNull(weights.get("decoder.0.bias")).values()[1] = Float.NaN;

        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> evaluation(objective, network, weights))
                .withMessage("the weight decoder.0.bias has the value NaN");
    }

    /** Weights are numbers; what they make of an example is none. */
    @ParameterizedTest
    @ValueSource(strings = {"{'type': 'ae'}", AD})
    void aReconstructionThatIsNotFiniteDoesNotPassForNothing(String objective) {
        TestExamples open = TestExamples.of(FEW.values(), 6);
        Network network = network(objective, open);
        var weights = weights(network);
        weights.forEach((key, values) -> {
            if (key.startsWith("decoder.") && key.endsWith("weight")) {
                for (int i = 0; i < values.values().length; i++) {
                    values.values()[i] *= 1e30f;
                }
            }
        });
        try (Evaluation evaluation = evaluation(objective, network, weights)) {
            assertThatExceptionOfType(DivergedException.class)
                    .isThrownBy(() -> evaluation.measure(open, open))
                    .withMessageMatching("the reconstruction of example \\d+ is not finite");
        }
    }

    @Test
    void theMeanOfWeightsThatAreAllNothingIsNothing() {
        double nothing = Double.NEGATIVE_INFINITY;

        assertThat(LikelihoodBounds.logMeanExp(new double[] {nothing, nothing})).isEqualTo(nothing);
        assertThat(LikelihoodBounds.logMeanExp(new double[] {nothing, 1000}))
                .isCloseTo(1000 - Math.log(2), within(1e-9));
        assertThat(LikelihoodBounds.logMeanExp(new double[] {-1e6, -1e6})).isEqualTo(-1e6);
    }

    /** The likelihood of bits needs a decoder that ends with a sigmoid. */
    @Test
    void whatCannotBeCompiledLeavesNothingBehind() {
        TestExamples open = TestExamples.of(FEW.values(), 6);
        var objective = (Objective.Variational) Trainings.objective(VAE);
        Network network = network("{'type': 'vae', 'likelihood': 'gaussian'}", open);
        var trained = new TrainedState(weights(network), new float[0], Double.NaN);
        TrainingSettings settings = Trainings.settings(objective, "{}", 1, 32, null);
        int resources = NativeHeap.resources();

        assertThatIllegalStateException()
                .isThrownBy(() -> new HeldOut(settings, objective, network, open, Wanted.ALWAYS));
        assertThatIllegalStateException().isThrownBy(() -> new DrawLikelihood(objective, network, false, trained));
        assertThat(NativeHeap.resources()).isEqualTo(resources);
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
        var examples = new Pattern(count, new int[] {784});
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
        Network network = network(type, examples);
        return evaluation(type, network, weights(network), wanted);
    }

    private static Evaluation evaluation(String type, Network network, SequencedMap<String, Values> weights) {
        return evaluation(type, network, weights, Wanted.ALWAYS);
    }

    private static Evaluation evaluation(
            String type, Network network, SequencedMap<String, Values> weights, Wanted wanted) {
        Objective objective = Trainings.objective(type);
        float[] codes = objective.kind() == Kind.AD ? TestExamples.normal(4 * 50, 3) : new float[0];
        return new Evaluation(
                Trainings.settings(objective, "{}", 1, 8, null),
                network,
                new TrainedState(weights, codes, Double.NaN),
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
    @SuppressWarnings("ArrayRecordComponent")
    private record Pattern(int count, int[] shape) implements CompleteExamples {

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
            int size = 1;
            for (int dimension : shape) {
                size *= dimension;
            }
            for (int i = 0; i < size; i++) {
                into[offset + i] = (row * 31 + i * row % 7) % 17 / 17f;
            }
        }
    }
}
