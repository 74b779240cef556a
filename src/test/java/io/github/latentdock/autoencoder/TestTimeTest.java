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

    /** With the variance that training starts from, 1, latents are too short, and the error is 0.023. */
    @Test
    void latentsAreFoundWithTheVarianceThatWasLearned() {
        TestExamples training = TestExamples.patterns(400, 1, 20);
        TestExamples held = TestExamples.patterns(100, 2, 20);
        Objective objective = Trainings.objective("{'type': 'vad', 'likelihood': 'gaussian', 'learnVariance': true}");
        Network network = Trainings.network(objective, "{'preset': 'mlp', 'hidden': [32], 'latent': 3}", training);
        TrainingSettings settings = Trainings.settings(objective, "{'learningRate': 0.01}", 40, 20, null);
        try (var trainer = Trainings.start(settings, network, training, null)) {
            Trainings.finish(trainer);
            TrainedState trained = trainer.result();
            try (var evaluation = new Evaluation(settings, network, trained, Wanted.ALWAYS)) {
                assertThat((double) Objects.requireNonNull(
                                evaluation.measure(training, held).get("mse")))
                        .isLessThan(2 * trained.variance())
                        .isLessThan(0.01);
            }
        }
    }
}
