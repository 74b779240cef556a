package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.testing.Npz;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SeededNoiseTest {

    private static final int MANY = 200_000;

    @Test
    void numbersAreThoseOfTheDefinitionComputedElsewhere() {
        float[] expected = Npz.read("/golden/mixture.npz").get("noise").values();
        float[] drawn = new float[expected.length];
        long[] rows = {0, 1, 1000};
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(SeededNoise.standardNormal(rows[i], 1, 5, 7), 0, drawn, i * 5, 5);
        }
        // One float32 rounding: the other side's logarithm and sine may differ in a double's last bit.
        assertThat(drawn).containsExactly(expected, within(5e-7f));
    }

    @Property(tries = 100)
    void aRowDoesNotDependOnItsBatch(
            @ForAll long seed, @ForAll @IntRange(max = 20) int first, @ForAll @IntRange(min = 1, max = 9) int size) {
        float[] together = SeededNoise.standardNormal(0, first + 3, size, seed);
        assertThat(SeededNoise.standardNormal(first, 3, size, seed))
                .isEqualTo(Arrays.copyOfRange(together, first * size, (first + 3) * size));
    }

    @Test
    void neighbouringRowsAreUncorrelated() {
        float[] noise = SeededNoise.standardNormal(0, MANY, 1, 3);
        double product = 0;
        for (int i = 1; i < MANY; i++) {
            product += noise[i - 1] * noise[i];
        }
        // Five standard errors of a correlation of independent numbers.
        assertThat(product / MANY).isCloseTo(0, within(5 / Math.sqrt(MANY)));
    }

    @Test
    void momentsAreThoseOfTheStandardNormal() {
        double[] moments = new double[5];
        for (float value : SeededNoise.standardNormal(0, MANY / 4, 4, 11)) {
            for (int order = 1; order <= 4; order++) {
                moments[order] += Math.pow(value, order) / MANY;
            }
        }
        // Standard errors are sqrt(E[x^2k] - E[x^k]^2) / sqrt(n); the largest, of x^4, is sqrt(96 / n). Five of them.
        assertThat(moments).containsExactly(new double[] {0, 0, 1, 0, 3}, within(5 * Math.sqrt(96.0 / MANY)));
    }

    @Test
    void aPosteriorIsItsMeanPlusItsDeviationTimesTheNoise() {
        float[] mean = {1, 2, 3, 4};
        float[] logVariance = {0, (float) Math.log(4), (float) Math.log(0.25), Float.NEGATIVE_INFINITY};
        float[] eps = SeededNoise.standardNormal(5, 2, 2, 9);
        assertThat(SeededNoise.posterior(mean, logVariance, 2, 5, 9))
                .containsExactly(new float[] {1 + eps[0], 2 + 2 * eps[1], 3 + 0.5f * eps[2], 4}, within(1e-6f));
    }

    @Test
    void aPosteriorNeedsAVarianceForEveryMean() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeededNoise.posterior(new float[4], new float[2], 2, 0, 0))
                .withMessage("2 log-variances for 4 means");
    }
}
