package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.autoencoder.LatentOptimizer.Fit;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestTimeTest {

    static {
        SingleThread.use();
    }

    /** -2 v log p(x, z), but for constants, is |x - y|^2 + v |z|^2. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type': 'ad', 'prior': 0.02}                                                       | NaN  | 0.02",
                "{'type': 'ad'}                                                                      | NaN  | 0.01",
                "{'type': 'ad', 'ball': true}                                                        | NaN  | 0",
                "{'type': 'vad', 'likelihood': 'bernoulli'}                                          | NaN  | 0.5",
                "{'type': 'vad', 'likelihood': 'bernoulli', 'beta': 4}                               | NaN  | 2",
                "{'type': 'vad', 'likelihood': 'gaussian', 'variance': 0.3}                          | NaN  | 0.3",
                "{'type': 'vad', 'likelihood': 'gaussian', 'variance': 0.3, 'beta': 0.1}             | NaN  | 0.03",
                "{'type': 'vad', 'likelihood': 'gaussian', 'variance': 0.3, 'learnVariance': true}   | 0.05 | 0.05"
            })
    void theLengthOfALatentCostsWhatTheObjectiveSays(String objective, double learned, double prior) {
        assertThat(TestTime.settings(Trainings.objective(objective), learned).prior())
                .isCloseTo(prior, within(1e-12));
    }

    /** Without the ball, the best latents of what is brighter than the training's examples are outside. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1})
    void latentsOfABallAreFoundWithin(double prior) {
        Network network = Trainings.network(
                Trainings.objective("{'type': 'ad'}"),
                "{'latent': 2, 'decoder': [{'type': 'Linear', 'in_features': 2, 'out_features': 2, 'bias': false}]}",
                TestExamples.of(new float[2], 2));
        var weights = new LinkedHashMap<String, Values>();
        weights.put("decoder.0.weight", new Values(new int[] {2, 2}, new float[] {1, 0, 0, 1}));
        TestExamples examples = TestExamples.of(new float[] {3, 4, 0.3f, 0.4f}, 2);
        Objective ball = new Objective.Ad(prior, Objective.Codes.PCA, 0.05, true, Objective.Loss.SQUARED);
        try (var model = DeclaredAutoencoder.of(network, weights);
                LatentOptimizer optimizer = TestTime.optimizer(model, network, ball, new float[] {1, 0, 0, 1})) {
            var fits = new ArrayList<Fit>();
            TestTime.fit(
                    optimizer,
                    examples,
                    0,
                    2,
                    TestTime.settings(ball, Double.NaN),
                    Wanted.ALWAYS,
                    (row, fit) -> fits.add(fit));

            Fit far = fits.getFirst();
            assertThat(far.latent()).containsExactly(new float[] {0.6f, 0.8f}, within(0.01f));
            assertThat(Observations.squaredNorm(far.latent())).isLessThanOrEqualTo(1);
            assertThat(far.instance()).containsExactly(far.latent(), within(1e-5f));
            assertThat(far.objective()).isCloseTo(16 + prior, within(0.01));
            double shrunk = 1 / (1 + prior);
            assertThat(fits.getLast().latent())
                    .containsExactly(new float[] {(float) (0.3 * shrunk), (float) (0.4 * shrunk)}, within(0.01f));
        }
    }

    /** The objective's own prior would be 1 here, and its error is another. */
    @Test
    void errorsAreThoseThatServingFinds() {
        TestExamples training = TestExamples.patterns(400, 1, 20);
        TestExamples held = TestExamples.patterns(100, 2, 20);
        Objective objective = Trainings.objective("{'type': 'vad', 'likelihood': 'gaussian', 'variance': 1}");
        Network network = Trainings.network(objective, "{'preset': 'mlp', 'hidden': [32], 'latent': 3}", training);
        TrainingSettings settings = Trainings.settings(objective, "{'learningRate': 0.01}", 40, 20, null);
        try (var trainer = Trainings.start(settings, network, training, null)) {
            Trainings.finish(trainer);
            TrainedState trained = trainer.result();
            var errors = new double[1];
            try (var model = DeclaredAutoencoder.of(network, trained.weights());
                    var optimizer = TestTime.optimizer(model, network, objective, trained.codes())) {
                TestTime.fit(
                        optimizer,
                        held,
                        0,
                        held.count(),
                        LatentOptimizer.Settings.DEFAULT,
                        Wanted.ALWAYS,
                        (row, fit) -> errors[0] += error(held, row, fit.instance()) / held.count());
            }
            try (var evaluation = new Evaluation(settings, network, trained, Wanted.ALWAYS)) {
                assertThat((double) Objects.requireNonNull(
                                evaluation.measure(training, held).get("mse")))
                        .isCloseTo(errors[0], within(1e-9));
            }
        }
    }

    private static double error(TestExamples examples, int row, float[] made) {
        float[] values = new float[made.length];
        examples.values(row, values, 0);
        double sum = 0;
        for (int i = 0; i < made.length; i++) {
            sum += Math.pow(made[i] - values[i], 2);
        }
        return sum / made.length;
    }
}
