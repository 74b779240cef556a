package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** A surface that a plane cannot follow: an autoencoder with two latents unrolls it, two principal components cannot. */
class SwissRollTest {

    static {
        SingleThread.use();
    }

    @Test
    void anAutoencoderOfTwoLatentsTellsWhatTwoComponentsCannot() {
        TestExamples roll = roll(2000, 1);
        TestExamples held = roll(1000, 2);
        Objective objective = Trainings.objective("{'type': 'ae'}");
        Network network =
                Trainings.network(objective, "{'preset': 'mlp', 'hidden': [128, 128, 128], 'latent': 2}", roll);
        TrainingSettings settings =
                Trainings.settings(objective, "{'learningRate': 0.002, 'schedule': 'cosine'}", 100, 20, null);
        try (var trainer = Trainings.start(settings, network, roll, null)) {
            Trainings.finish(trainer);
            try (var evaluation = new Evaluation(settings, network, trainer.result())) {
                var metrics = evaluation.measure(roll, held);
                assertThat((double) metrics.get("mse")).isLessThan(0.005);
                assertThat((double) metrics.get("pcaMse")).isCloseTo(0.302, within(0.015));
            }
        }
    }

    /** (t cos t, h, t sin t) with t from 1.5 pi to 4.5 pi, each coordinate of mean 0 and variance 1. */
    private static TestExamples roll(int count, long seed) {
        RandomGenerator random = TestExamples.random(seed);
        float[] values = new float[3 * count];
        for (int row = 0; row < count; row++) {
            double t = 1.5 * Math.PI * (1 + 2 * random.nextDouble());
            // Their means and deviations over all t and h.
            values[3 * row] = (float) ((t * Math.cos(t) - 2) / 6.623);
            values[3 * row + 1] = (float) (Math.sqrt(12) * (random.nextDouble() - 0.5));
            values[3 * row + 2] = (float) ((t * Math.sin(t) - 0.2122) / 6.951);
        }
        return TestExamples.of(values, 3);
    }
}
