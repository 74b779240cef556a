package io.github.latentdock.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Npz;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The planes come from PyTorch: src/test/python/golden_resampling.py. */
class ResamplingTest {

    private final Npz.Array source = Npz.read("/golden/resampling.npz").get("source");

    private float[] scaled(int height, int width) {
        return new Resampling(source.shape()[1], source.shape()[0], width, height)
                .apply(source.shape()[0], source::row);
    }

    @ParameterizedTest
    @CsvSource({"5, 4", "28, 28", "7, 20", "1, 1"})
    void planesAreScaledAsPyTorchScalesThem(int height, int width) {
        float[] expected =
                Npz.read("/golden/resampling.npz").get(height + "x" + width).values();

        float[] actual = scaled(height, width);

        // Sums of up to 13 products of numbers below 1 in float32, in another order: a few roundings of 6e-8.
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], Offset.offset(1e-6f));
        }
    }

    @Test
    void aPlaneOfTheRightSizeStaysAsItIs() {
        assertThat(scaled(13, 9)).isEqualTo(source.values());
    }

    @Test
    void aPlaneOfOneValueKeepsItInEverySize() {
        float[] row = new float[10];
        Arrays.fill(row, 0.3f);

        float[] plane = new Resampling(10, 10, 7, 23).apply(10, y -> row);

        for (float value : plane) {
            assertThat(value).isCloseTo(0.3f, Offset.offset(1e-6f));
        }
    }
}
