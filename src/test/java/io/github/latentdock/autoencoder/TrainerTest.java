package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.autoencoder.ObjectiveScript.Input;
import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.autoencoder.Trainer.Epoch;
import io.github.latentdock.testing.NativeHeap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {

    static {
        SingleThread.use();
    }

    private static final String CONV = "{'preset': 'conv', 'hidden': [3, 4], 'latent': 4}";
    private static final String MLP = "{'preset': 'mlp', 'hidden': [12], 'latent': 4}";
    private static final String ADAM = "{'learningRate': 0.01}";
    private static final TestExamples PICTURES = TestExamples.patterns(37, 1, 1, 6, 6);
    private static final TestExamples HELD = TestExamples.patterns(9, 2, 1, 6, 6);

    @TempDir
    Path folder;

    @Test
    void anEpochsLossIsTheMeanOverItsExamplesThoseOfTheLastAndSmallerBatchIncluded() {
        try (var trainer = trainer("{'type': 'vae'}", MLP, ADAM, 1, 8, PICTURES)) {
            assertThat(trainer.stepsPerEpoch()).isEqualTo(5);
            double sum = 0;
            for (int step = 0; step < 5; step++) {
                Losses losses = trainer.advance();
                assertThat(losses.loss()).isCloseTo(losses.reconLoss() + losses.regLoss(), within(1e-5));
                sum += (step == 4 ? 5 : 8) * losses.loss();
            }
            assertThat(trainer.endEpoch().training().loss()).isCloseTo(sum / 37, within(1e-9));
        }
    }

    @Test
    void anEpochDoesNotEndBeforeItsLastStep() {
        try (var trainer = trainer("{'type': 'ae'}", MLP, ADAM, 1, 8, PICTURES)) {
            trainer.advance();

            assertThatThrownBy(trainer::endEpoch).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aBatchThatIsLargerThanTheDataHoldsAllOfIt() {
        try (var all = trainer("{'type': 'vae'}", CONV, ADAM, 3, 37, PICTURES);
                var more = trainer("{'type': 'vae'}", CONV, ADAM, 3, 1000, PICTURES)) {
            assertThat(more.stepsPerEpoch()).isEqualTo(1);
            assertThat(Trainings.finish(more)).isEqualTo(Trainings.finish(all));
            assertSame(more.result(), all.result());
        }
    }

    /** The variance of one value would be 0 / 0. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 6, 9, 12, 18, 36})
    void anExampleThatIsLeftOverDoesNotSpoilBatchNormalisation(int batchSize) {
        String network = """
                {'latent': 4, 'encoder': [{'type': 'Flatten'}, {'type': 'Linear', 'in_features': 36, 'out_features': 6},
                                          {'type': 'BatchNorm1d', 'num_features': 6}, {'type': 'Linear', 'in_features': 6, 'out_features': 4}],
                 'decoder': [{'type': 'Linear', 'in_features': 4, 'out_features': 36},
                             {'type': 'Unflatten', 'dim': 1, 'unflattened_size': [1, 6, 6]}]}""";
        try (var trainer = trainer("{'type': 'ae'}", network, ADAM, 2, batchSize, PICTURES)) {
            Trainings.finish(trainer);

            trainer.result().weights().forEach((key, values) -> {
                for (float value : values.values()) {
                    assertThat(value).as(key).isFinite();
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {MLP, CONV})
    void whenALossIsNotFiniteNothingChanges(String network) {
        float[] values = PICTURES.values().clone();
        values[700] = Float.NaN;
        var broken = new TestExamples(PICTURES.shape(), values, null, null, 0, 1);
        try (var trainer = trainer("{'type': 'vae'}", network, ADAM, 1, 4, broken)) {
            int steps = 0;
            Path before = saved(trainer, "start");
            while (trainer.advance().finite()) {
                steps++;
                before = saved(trainer, "before" + steps);
            }
            assertThat(trainer.step()).isEqualTo(steps).isLessThan(10);
            assertSame(saved(trainer, "after"), before);
            assertThat(trainer.advance().finite()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type': 'vae'}", "{'type': 'ad'}", "{'type': 'vad'}"})
    void whenTheRateIsTooHighTheLossTellsAndNothingChangesAnyMore(String objective) {
        try (var trainer = trainer(objective, CONV, "{'type': 'sgd', 'learningRate': 1e30}", 10, 8, PICTURES)) {
            Path before = saved(trainer, "start");
            int steps = 0;
            while (trainer.advance().finite()) {
                steps++;
                assertThat(steps).isLessThan(10);
                before = saved(trainer, "before" + steps);
                if (trainer.atEndOfEpoch()) {
                    trainer.endEpoch();
                }
            }
            assertSame(saved(trainer, "after"), before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {MLP, CONV})
    void aFrozenDecoderStaysAsItIsAndCodesMove(String network) {
        Objective objective = Trainings.objective("{'type': 'ad', 'codes': 'random'}");
        Network layers = Trainings.network(objective, network, PICTURES);
        TrainingSettings settings = Trainings.settings(objective, ADAM, 3, 8, null);
        TrainedState parent;
        try (var trainer = Trainings.start(settings, layers, PICTURES, null)) {
            Trainings.finish(trainer);
            parent = trainer.result();
        }
        var frozen = new TrainingSettings(objective, settings.optimizer(), 3, 4, 7, null, true);
        try (var trainer = Trainer.start(frozen, layers, HELD, null, parent, Wanted.ALWAYS)) {
            float[] fitted = trainer.result().codes();
            Trainings.finish(trainer);
            TrainedState result = trainer.result();

            assertSame(new TrainedState(result.weights(), parent.codes(), Double.NaN), parent);
            assertThat(result.codes()).hasSize((37 + 9) * 4).startsWith(parent.codes());
            assertThat(result.codes()).isNotEqualTo(fitted);
        }
    }

    /** One training stops early; the other trains as many epochs as that one's best took, and looks at nothing. */
    @Test
    void trainingThatStopsEarlyKeepsTheBestEpoch() {
        Objective objective = Trainings.objective("{'type': 'ae'}");
        Network network = Trainings.network(objective, MLP, PICTURES);
        String optimizer = "{'learningRate': 0.1}";
        var stopping = new EarlyStopping(3, 0);
        TrainedState result;
        List<Epoch> epochs;
        try (var trainer =
                Trainings.start(Trainings.settings(objective, optimizer, 200, 8, stopping), network, PICTURES, HELD)) {
            epochs = Trainings.finish(trainer);
            result = trainer.result();
        }
        int best = IntStream.range(0, epochs.size())
                .boxed()
                .min(Comparator.comparingDouble(i -> validation(epochs.get(i)).loss()))
                .orElseThrow();
        assertThat(epochs).hasSize(best + 1 + 3).hasSizeLessThan(200);
        try (var trainer =
                Trainings.start(Trainings.settings(objective, optimizer, best + 1, 8, null), network, PICTURES, null)) {
            Trainings.finish(trainer);
            assertSame(trainer.result(), result);
        }
    }

    /** Of the very examples that are trained on, so that both must come to about the same: codes are looked for until they are found. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'ad'}",
                "{'type': 'ad', 'loss': 'l1'}",
                "{'type': 'vad'}",
                "{'type': 'vad', 'likelihood': 'gaussian', 'variance': 0.01, 'beta': 2}"
            })
    void theLossOnWhatIsHeldOutIsTheQuantityThatIsTrained(String type) {
        TestExamples examples = TestExamples.patterns(64, 1, 24);
        Objective objective = Trainings.objective(type);
        Network network = Trainings.network(objective, "{'preset': 'mlp', 'hidden': [16], 'latent': 3}", examples);
        TrainingSettings settings = Trainings.settings(objective, "{'learningRate': 0.01}", 60, 8, null);
        try (var trainer = Trainings.start(settings, network, examples, examples)) {
            Epoch last = Trainings.finish(trainer).getLast();
            Losses training = last.training();
            Losses held = validation(last);

            assertThat(held.loss()).isCloseTo(held.reconLoss() + held.regLoss(), within(1e-6));
            // Another quantity would be another order. Codes on their way, as training has them, explain a little less.
            double scale = Math.abs(training.loss());
            assertThat(held.loss()).isBetween(training.loss() - 0.4 * scale, training.loss() + 0.2 * scale);
        }
    }

    @Test
    void anEpochThatCouldNotEndBecauseNobodyWantedItEndsLaterAsItWouldHave() {
        Objective objective = Trainings.objective("{'type': 'vae'}");
        Network network = Trainings.network(objective, MLP, PICTURES);
        TrainingSettings settings = Trainings.settings(objective, ADAM, 1, 8, null);
        var wanted = new AtomicBoolean(true);
        try (var undisturbed = Trainings.start(settings, network, PICTURES, HELD);
                var trainer = Trainer.start(settings, network, PICTURES, HELD, null, wanted::get)) {
            while (!trainer.atEndOfEpoch()) {
                trainer.advance();
            }
            wanted.set(false);
            assertThatThrownBy(trainer::endEpoch).isInstanceOf(CancellationException.class);
            assertThat(trainer.epoch()).isZero();

            trainer.save(folder);
            try (var resumed = Trainer.resume(settings, network, PICTURES, HELD, null, folder, Wanted.ALWAYS)) {
                assertThat(resumed.atEndOfEpoch()).isTrue();
                assertThat(resumed.endEpoch())
                        .isEqualTo(Trainings.finish(undisturbed).getFirst());
            }
        }
    }

    @Test
    void theLossOnWhatIsHeldOutIsThatOfLayersThatEvaluate() {
        Objective objective = Trainings.objective("{'type': 'ae'}");
        Network network = Trainings.network(objective, CONV, PICTURES);
        TrainingSettings settings = Trainings.settings(objective, ADAM, 1, 8, null);
        try (var trainer = Trainings.start(settings, network, PICTURES, HELD)) {
            Losses held = validation(Trainings.finish(trainer).getFirst());
            try (var evaluation = new Evaluation(settings, network, trainer.result(), Wanted.ALWAYS)) {
                var sum = new double[1];
                int size = HELD.values().length / 9;
                evaluation.reconstruct(HELD, 9, (row, made, offset) -> {
                    for (int i = 0; i < size; i++) {
                        sum[0] += Math.pow(made[offset + i] - HELD.values()[row * size + i], 2);
                    }
                });
                assertThat(held.loss()).isCloseTo(sum[0] / 9, within(1e-5 * sum[0]));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type': 'beta-vae', 'beta': 4, 'warmup': 1.5}", "{'type': 'beta-vae', 'beta': 4}"})
    void theDivergencesWeightRisesDuringTheFirstEpochs(String objective) {
        // Weights that hardly move, so that only the weight of the divergence can change it.
        String still = "{'type': 'sgd', 'learningRate': 1e-30}";
        try (var plain = trainer("{'type': 'vae'}", MLP, still, 3, 8, PICTURES);
                var trainer = trainer(objective, MLP, still, 3, 8, PICTURES)) {
            double warmup = objective.contains("warmup") ? 1.5 * 5 : 0;
            for (int step = 0; step < 15; step++) {
                double weight = step < warmup ? 4 * step / warmup : 4;
                double divergence = plain.advance().regLoss();
                assertThat(trainer.advance().regLoss()).isCloseTo(weight * divergence, within(1e-6 * 4 * divergence));
                if (trainer.atEndOfEpoch()) {
                    plain.endEpoch();
                    trainer.endEpoch();
                }
            }
        }
    }

    /** Eighty steps: by gradients of the usual rate its logarithm would have moved by 0.08. */
    @Test
    void aLearnedVarianceIsSoonTheMeanSquaredError() {
        TestExamples examples = TestExamples.patterns(640, 1, 16);
        Objective objective = Trainings.objective("{'type': 'vae', 'likelihood': 'gaussian', 'learnVariance': true}");
        var settings = Trainings.settings(objective, "{'learningRate': 0.001}", 4, 32, null);
        Network network = Trainings.network(objective, "{'preset': 'mlp', 'hidden': [32], 'latent': 3}", examples);
        try (var trainer = Trainings.start(settings, network, examples, null)) {
            Trainings.finish(trainer);
            TrainedState trained = trainer.result();
            double squares = 0;
            try (var evaluation = new Evaluation(settings, network, trained, Wanted.ALWAYS)) {
                float[] made = new float[examples.values().length];
                evaluation.reconstruct(
                        examples, 640, (row, y, offset) -> System.arraycopy(y, offset, made, row * 16, 16));
                for (int i = 0; i < made.length; i++) {
                    squares += Math.pow(made[i] - examples.values()[i], 2);
                }
            }
            // Draws miss by more than means do, and so did earlier batches.
            assertThat(trained.variance() / (squares / examples.values().length))
                    .isBetween(0.9, 1.6);
        }
    }

    /** An example of which nothing is known says nothing of the variance either. */
    @Test
    void aBatchOfNothingLeavesALearnedVarianceAlone() {
        TestExamples full = TestExamples.patterns(24, 1, 16);
        float[] mask = new float[full.values().length];
        Arrays.fill(mask, 0, mask.length / 2, 1);
        float[] values = full.values().clone();
        Arrays.fill(values, mask.length / 2, values.length, 0);
        var examples = new TestExamples(full.shape(), values, mask, null, 0, 1);
        Objective objective = Trainings.objective("{'type': 'vae', 'likelihood': 'gaussian', 'learnVariance': true}");
        var settings = Trainings.settings(objective, "{'learningRate': 0.001}", 3, 1, null);
        Network network = Trainings.network(objective, "{'preset': 'mlp', 'hidden': [32], 'latent': 3}", examples);
        try (var trainer = Trainings.start(settings, network, examples, null)) {
            Trainings.finish(trainer);

            assertThat(trainer.result().variance()).isBetween(1e-3, 1.0);
        }
    }

    /** Only values that are known are noisy: the others are told as 0, as they are when the model serves. */
    @Test
    void noiseLeavesWhatIsMissingAlone() {
        TestExamples examples = TestExamples.patterns(64, 1, 16).missing(0.4, 2);
        Objective objective = Trainings.objective("{'type': 'dae', 'noise': {'type': 'gaussian', 'sigma': 0.5}}");
        var shapes = new Shapes(new Shape(16), new Shape(2));
        int[] order = IntStream.range(0, 64).toArray();
        try (NDManager pass = NDManager.newBaseManager();
                var batch = new TrainingBatch(examples, objective, List.of(Input.X, Input.MASK), shapes, 64, null)) {
            batch.read(order, 0, 64, 1, TestExamples.random(3));
            float[] x = batch.array(Input.X, pass).toFloatArray();
            float[] mask = batch.array(Input.MASK, pass).toFloatArray();
            double observed = 0;
            int changed = 0;
            for (int i = 0; i < x.length; i++) {
                observed += mask[i] / 64;
                changed += mask[i] == 1 && x[i] != examples.values()[i] ? 1 : 0;
                assertThat(mask[i] == 0 && x[i] != 0).isFalse();
            }
            assertThat(changed).isGreaterThan(500);
            assertThat(batch.observed()).isCloseTo(observed, within(1e-9));
        }
    }

    /**
     * DJL's resources to the last, and memory to a tenth of what one batch for every step would add up to. Compilers of Java's take memory
     * and give it back in between; what a step leaves behind grows in every round.
     */
    @ParameterizedTest
    @ValueSource(strings = {"{'type': 'vae'}", "{'type': 'vad'}"})
    void thousandsOfStepsLeaveNothingBehind(String objective) {
        int rounds = 4;
        int steps = 500;
        TestExamples examples = TestExamples.patterns(128, 1, 256);
        try (var trainer = trainer(objective, MLP, "{'learningRate': 0.001, 'clip': 1}", 10_000, 32, examples)) {
            advance(trainer, 200);
            int resources = NativeHeap.resources();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < rounds; round++) {
                System.gc();
                long bytes = NativeHeap.bytes();
                advance(trainer, steps);
                System.gc();
                least = Math.min(least, NativeHeap.bytes() - bytes);
            }

            assertThat(NativeHeap.resources()).isEqualTo(resources);
            assertThat(least).isLessThan(steps * 32L * 256 * Float.BYTES / 10);
        }
    }

    private static void advance(Trainer trainer, int steps) {
        for (int step = 0; step < steps; step++) {
            trainer.advance();
            if (trainer.atEndOfEpoch()) {
                trainer.endEpoch();
            }
        }
    }

    private static Trainer trainer(
            String objective, String network, String optimizer, int epochs, int batchSize, Examples examples) {
        Objective read = Trainings.objective(objective);
        return Trainings.start(
                Trainings.settings(read, optimizer, epochs, batchSize, null),
                Trainings.network(read, network, examples),
                examples,
                null);
    }

    private static Losses validation(Epoch epoch) {
        return Objects.requireNonNull(epoch.validation());
    }

    private Path saved(Trainer trainer, String name) {
        try {
            Path saved = Files.createDirectory(folder.resolve(name));
            trainer.save(saved);
            return saved;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertSame(Path saved, Path expected) {
        for (String file : List.of("state.safetensors", "position.json")) {
            assertThat(saved.resolve(file)).hasSameBinaryContentAs(expected.resolve(file));
        }
    }

    private static void assertSame(TrainedState state, TrainedState expected) {
        assertThat(state.weights()).containsOnlyKeys(expected.weights().keySet());
        List<String> others = new ArrayList<>();
        state.weights().forEach((key, values) -> {
            Values other = Objects.requireNonNull(expected.weights().get(key));
            if (!Arrays.equals(values.values(), other.values())) {
                others.add(key);
            }
        });
        assertThat(others).as("weights that differ").isEmpty();
        assertThat(state.codes()).isEqualTo(expected.codes());
    }
}
