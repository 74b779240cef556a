package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import io.github.latentdock.testing.References;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DecoderBlockTest {

    private static final Path AD = References.script("fashion-ad");
    private static final Shapes SHAPES = new Shapes(new Shape(1, 28, 28), new Shape(32));

    @Test
    void theGradientIsThatOfFiniteDifferences() {
        try (Autoencoder model = TorchScript.load(AD, Kind.AD, SHAPES.input(), SHAPES.latent());
                var block = new DecoderBlock(model, SHAPES, 2)) {
            float[] z = new float[64];
            for (int i = 0; i < 64; i++) {
                z[i] = (float) Math.sin(i);
            }
            float[] ones = new float[2 * 784];
            Arrays.fill(ones, 1);
            float[] decoded = new float[2 * 784];
            float[] gradient = new float[64];
            block.decode(z, decoded, () -> {}, ones, gradient);
            for (int i = 0; i < 64; i += 7) {
                // A sum of 784 values near 0.3 in single precision, over a step of 0.01, is known to about 1e-2.
                double difference = (sum(block, z, i, 5e-3f) - sum(block, z, i, -5e-3f)) / 1e-2;
                assertThat((double) gradient[i])
                        .isCloseTo(difference, within(5e-2 * Math.max(1, Math.abs(difference))));
            }
        }
    }

    private static double sum(DecoderBlock block, float[] z, int index, float step) {
        float[] moved = z.clone();
        moved[index] += step;
        float[] decoded = new float[2 * 784];
        block.decode(moved, decoded);
        double sum = 0;
        for (float v : decoded) {
            sum += v;
        }
        return sum;
    }
}
