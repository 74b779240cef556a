package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
