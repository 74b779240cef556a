package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * A VAE whose encoder and decoder are linear, on examples of a linear model (Tipping and Bishop 1999): x = W z + b + e, with z of
 * N(0, I) and e of N(0, s^2 I), so x is of N(b, W W' + s^2 I). The posterior is a Gaussian whose mean is linear in x and whose covariance
 * is the same for all x, diagonal where W's columns are orthogonal: the ELBO can reach the log-likelihood (Lucas et al. 2019).
 */
class LinearVaeTest {

    static {
        SingleThread.use();
    }

    private static final int SIZE = 5;
    private static final double[][] W = {{1.2, 0.5}, {0.8, -1.0}, {-0.6, 0.3}, {0.4, 0.2}, {0.1, 0.9}};
    private static final double[] B = {0.3, -0.2, 1, 0, -1};
    private static final double S = 0.4;
    private static final int TRAINING = 20_000;
    private static final int HELD = 20_000;

    /** Each is measured so often, with other noise, that the standard error of the ELBO is 0.003 nats. */
    private static final int REPEATED = 10;

    @Test
    void theElboReachesTheLikelihoodOfTheModelThatMadeTheExamples() {
        TestExamples training = examples(TRAINING, 1);
        TestExamples held = examples(HELD, 2);
        Objective objective = Trainings.objective("{'type': 'vae', 'likelihood': 'gaussian', 'learnVariance': true}");
        Network network = Trainings.network(objective, "{'preset': 'mlp', 'hidden': [], 'latent': 2}", training);
        TrainingSettings settings = Trainings.settings(
                objective, "{'type': 'adam', 'learningRate': 0.02, 'schedule': 'cosine'}", 30, 500, null);
        TrainedState trained;
        try (var trainer = Trainings.start(settings, network, training, null)) {
            Trainings.finish(trainer);
            trained = trainer.result();
        }
        float[] repeated = new float[REPEATED * held.values().length];
        for (int row = 0; row < REPEATED * HELD; row++) {
            held.values(row / REPEATED, repeated, row * SIZE);
        }
        Map<String, Object> metrics;
        try (var evaluation = new Evaluation(settings, network, trained, Wanted.ALWAYS)) {
            metrics = evaluation.measure(training, TestExamples.of(repeated, SIZE));
        }

        double exact = logLikelihood(held);
        assertThat(number(metrics, "elbo")).isCloseTo(exact, within(0.01));
        // Where the posterior is the true one, every draw has the same weight: the bound is exact for the examples it
        // is taken of.
        assertThat(metrics).containsEntry("iwaeExamples", 1000);
        double exactOfSome = logLikelihood(EvenlySpaced.of(held, 1000));
        assertThat(number(metrics, "iwae64")).isCloseTo(exactOfSome, within(0.01));
        assertThat(number(metrics, "iwaeElbo"))
                .isLessThan(number(metrics, "iwae64"))
                .isCloseTo(exactOfSome, within(0.01));
        assertThat(trained.variance()).isCloseTo(S * S, within(0.01 * S * S));
        assertThat(metrics).containsEntry("activeUnits", 2L);
    }

    private static double number(Map<String, Object> metrics, String name) {
        return (double) Objects.requireNonNull(metrics.get(name));
    }

    private static TestExamples examples(int count, long seed) {
        RandomGenerator random = TestExamples.random(seed);
        float[] values = new float[count * SIZE];
        for (int row = 0; row < count; row++) {
            double z0 = random.nextGaussian();
            double z1 = random.nextGaussian();
            for (int i = 0; i < SIZE; i++) {
                values[row * SIZE + i] = (float) (W[i][0] * z0 + W[i][1] * z1 + B[i] + S * random.nextGaussian());
            }
        }
        return TestExamples.of(values, SIZE);
    }

    /** The mean over examples, of the Gaussian above. */
    private static double logLikelihood(Examples examples) {
        float[] values = new float[examples.count() * SIZE];
        for (int row = 0; row < examples.count(); row++) {
            examples.values(row, values, row * SIZE);
        }
        double[][] covariance = Triangle.zero(SIZE);
        for (int i = 0; i < SIZE; i++) {
            for (int j = 0; j <= i; j++) {
                covariance[i][j] = W[i][0] * W[j][0] + W[i][1] * W[j][1] + (i == j ? S * S : 0);
            }
        }
        double[] densities = new Gaussian(B, covariance).logDensity(values);
        return Arrays.stream(densities).average().orElseThrow();
    }
}
