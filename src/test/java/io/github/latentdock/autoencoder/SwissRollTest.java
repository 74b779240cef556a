package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A surface that a plane cannot follow: an autoencoder with two latents unrolls it, two principal components cannot. */
class SwissRollTest {

    static {
        SingleThread.use();
    }

    /** Some beginnings fold the surface, and training cannot unfold it, in PyTorch neither: then it begins again. */
    @Test
    void anAutoencoderOfTwoLatentsTellsWhatTwoComponentsCannot() {
        TestExamples roll = roll(2000, 1);
        TestExamples held = roll(1000, 2);

        assertThat(LongStream.rangeClosed(1, 4).anyMatch(seed -> error(seed, roll, held) <= 0.005))
                .isTrue();
        assertThat(PrincipalComponents.fit(roll, 2, TestExamples.random(1), Wanted.ALWAYS)
                        .error(held, Wanted.ALWAYS))
                .isCloseTo(0.302, within(0.015));
    }

    private static double error(long seed, Examples roll, Examples held) {
        Objective objective = Trainings.objective("{'type': 'ae'}");
        Network network = Trainings.network(objective, "{'preset': 'mlp', 'hidden': [64, 64, 64], 'latent': 2}", roll);
        Optimizer optimizer = Trainings.read("{'learningRate': 0.004, 'schedule': 'cosine'}", Optimizer.class);
        var settings = new TrainingSettings(objective, optimizer, 100, 20, seed, null, false);
        try (var trainer = Trainings.start(settings, network, roll, held)) {
            List<Trainer.Epoch> epochs = Trainings.finish(trainer);
            return Objects.requireNonNull(epochs.getLast().validation()).loss() / 3;
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
