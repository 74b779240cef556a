package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LatentDensityTest {

    private static final int MANY = 100_000;

    /** Eight standard errors at most for what is estimated of values of about one from {@link #MANY} samples. */
    private static final double MONTE_CARLO = 0.025;

    static Stream<LatentDensity> densities() {
        float[] codes = SeededNoise.standardNormal(0, 60, 3, 5);
        return Stream.of(
                LatentDensity.standardNormal(3),
                LatentDensity.unitBall(3),
                LatentDensity.gaussian(codes, 3),
                LatentDensity.mixture(codes, 3));
    }

    /** Latents too large for a covariance, as maps are. */
    @Test
    void ofLatentsTooLargeForACovarianceOnlyVariancesAreFitted() {
        int size = LatentDensity.MOST_CORRELATED + 1;
        float[] codes = SeededNoise.standardNormal(0, 400, size, 5);
        for (int i = 0; i < codes.length; i++) {
            codes[i] = codes[i] * (i % size == 7 ? 3 : 0.5f) + i % size;
        }
        LatentDensity density = LatentDensity.mixture(codes, size);
        float[] samples = density.sample(400, 1, 1);
        double[] squares = new double[size];
        for (int i = 0; i < samples.length; i++) {
            squares[i % size] += Math.pow(samples[i] - i % size, 2) / 400;
        }
        // Two estimates of a variance from 400 values each, of which each has a standard error of 7 %.
        assertThat(squares[7]).isCloseTo(9, within(4.0));
        assertThat(squares[size - 1]).isCloseTo(0.25, within(0.11));
        double[] logDensity = density.logDensity(Arrays.copyOf(samples, size));
        double expected = 0;
        for (int j = 0; j < size; j++) {
            double mean = 0;
            double variance = 0;
            for (int i = 0; i < 400; i++) {
                mean += codes[i * size + j] / 400;
            }
            for (int i = 0; i < 400; i++) {
                variance += Math.pow(codes[i * size + j] - mean, 2) / 400;
            }
            expected += -0.5 * Math.log(2 * Math.PI * variance) - Math.pow(samples[j] - mean, 2) / 2 / variance;
        }
        assertThat(logDensity[0]).isCloseTo(expected, within(1e-2));
    }

    /** Codes of an auto-decoder may take much of the memory: copies of all of them, in double precision, would take twice as much again. */
    @ParameterizedTest
    @ValueSource(ints = {2, LatentDensity.MOST_CORRELATED + 1})
    void aFitCopiesNoMoreCodesThanItUses(int size) {
        float[] codes = SeededNoise.standardNormal(0, 8_000_000 / size, size, 5);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        LatentDensity.gaussian(Arrays.copyOf(codes, size), size);
        long before = threads.getCurrentThreadAllocatedBytes();
        LatentDensity.gaussian(codes, size);
        LatentDensity.mixture(size == 2 ? Arrays.copyOf(codes, size) : codes, size);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4_000_000);
    }

    @ParameterizedTest
    @MethodSource("densities")
    void aSampleDoesNotDependOnItsBatch(LatentDensity density) {
        float[] together = density.sample(10, 0.8, 42);
        assertThat(density.sample(4, 3, 0.8, 42)).isEqualTo(Arrays.copyOfRange(together, 4 * 3, 7 * 3));
    }

    @ParameterizedTest
    @MethodSource("densities")
    void anotherSeedGivesOtherSamples(LatentDensity density) {
        assertThat(density.sample(1, 1, 42)).isNotEqualTo(density.sample(1, 1, 43));
    }

    @ParameterizedTest
    @MethodSource("densities")
    void temperatureScalesTheWayFromTheMean(LatentDensity density) {
        float[] mean = density.sample(20, 0, 1);
        float[] full = density.sample(20, 1, 1);
        float[] half = density.sample(20, 0.5, 1);
        var expected = new float[half.length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (mean[i] + full[i]) / 2;
        }
        assertThat(half).containsExactly(expected, within(1e-6f));
    }

    @ParameterizedTest
    @MethodSource("densities")
    void aTemperatureIsFiniteAndNotNegative(LatentDensity density) {
        for (double temperature : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> density.sample(1, temperature, 0))
                    .withMessage("temperature is %s, it must be finite and not negative", temperature);
        }
    }

    @Test
    void theStandardNormalHasItsClosedFormDensity() {
        assertThat(LatentDensity.standardNormal(2).logDensity(new float[] {0, 0, 3, 4}))
                .containsExactly(new double[] {-Math.log(2 * Math.PI), -Math.log(2 * Math.PI) - 12.5}, within(1e-12));
    }

    /** Of the square of a length in the ball of 3 dimensions the mean is 3/5, and each direction has a third of that. */
    @Test
    void samplesOfTheBallAreUniformInIt() {
        LatentDensity ball = LatentDensity.unitBall(3);
        float[] samples = ball.sample(MANY, 1, 5);

        double[] means = new double[3];
        double[] squares = new double[3];
        int inner = 0;
        for (int i = 0; i < MANY; i++) {
            double square = 0;
            for (int j = 0; j < 3; j++) {
                double value = samples[3 * i + j];
                means[j] += value / MANY;
                squares[j] += value * value / MANY;
                square += value * value;
            }
            assertThat(square).isLessThan(1);
            inner += square < 0.25 ? 1 : 0;
        }
        assertThat(means).containsExactly(new double[] {0, 0, 0}, within(MONTE_CARLO));
        assertThat(squares).containsExactly(new double[] {0.2, 0.2, 0.2}, within(MONTE_CARLO));
        // The ball of half the radius has an eighth of the volume.
        assertThat((double) inner / MANY).isCloseTo(0.125, within(MONTE_CARLO));
    }

    @Test
    void theTemperatureOfTheBallScalesLengthsUpToItsBound() {
        LatentDensity ball = LatentDensity.unitBall(2);
        float[] warm = ball.sample(100, 1, 5);
        float[] cool = ball.sample(100, 0.5, 5);
        float[] hot = ball.sample(100, 10, 5);

        for (int i = 0; i < warm.length; i++) {
            assertThat(cool[i]).isCloseTo(warm[i] / 2, within(1e-6f));
        }
        for (int i = 0; i < hot.length; i += 2) {
            assertThat(Math.hypot(hot[i], hot[i + 1])).isLessThanOrEqualTo(1);
        }
        assertThat(ball.sample(3, 0, 5)).containsExactly(new float[6], within(0f));
    }

    /** Volumes: 2, pi, 4/3 pi, pi^2 / 2. */
    @Test
    void theBallHasItsClosedFormDensity() {
        double[] volumes = {2, Math.PI, 4 * Math.PI / 3, Math.PI * Math.PI / 2};
        for (int size = 1; size <= 4; size++) {
            float[] latents = new float[2 * size];
            latents[0] = 1;
            latents[size] = 1.001f;

            assertThat(LatentDensity.unitBall(size).logDensity(latents))
                    .containsExactly(
                            new double[] {-Math.log(volumes[size - 1]), Double.NEGATIVE_INFINITY}, within(1e-12));
        }
    }

    @Test
    void aGaussianHasTheMeanAndCovarianceOfItsCodes() {
        // Mean (2, 1), covariance ((2, 1), (1, 1)): determinant 1, inverse ((1, -1), (-1, 2)).
        float[] codes = {0, 0, 4, 2, 2, 2, 2, 0, 2, 2, 2, 0, 0, 0, 4, 2};
        // (-1, 2) from the mean, a squared distance of 1 + 4 + 8.
        double expected = -Math.log(2 * Math.PI) - 0.5 * 13;
        // The ridge, a millionth of the variance 1.5, shortens it by 34 of itself.
        assertThat(LatentDensity.gaussian(codes, 2).logDensity(new float[] {1, 3})[0])
                .isCloseTo(expected, within(1e-4));
    }

    @Test
    void samplesOfAGaussianHaveItsMoments() {
        LatentDensity density = new Gaussian(new double[] {1, -1}, new double[][] {{1}, {0.5, 0.75}});
        float[] samples = density.sample(MANY, 1, 3);
        assertThat(moments(samples)).containsExactly(new double[] {1, -1, 1, 0.5, 0.75}, within(MONTE_CARLO));
    }

    @Test
    void samplesOfAMixtureHaveItsMoments() {
        var one = new Gaussian(new double[] {1, 0}, new double[][] {{0.25}, {0, 0.25}});
        var other = new Gaussian(new double[] {-1, 0}, new double[][] {{0.25}, {0.125, 1}});
        var mixture = new GaussianMixture(List.of(one, other), new double[] {0.75, 0.25});
        // Mean 0.75 - 0.25; variance within, 0.25, plus between, 1 - 0.5^2; the rest by the weights.
        assertThat(moments(mixture.sample(MANY, 1, 4)))
                .containsExactly(new double[] {0.5, 0, 1, 0.03125, 0.4375}, within(MONTE_CARLO));
    }

    /** Means, then the covariance's lower triangle, of rows of two. */
    private static double[] moments(float[] rows) {
        double[][] columns = Columns.of(rows, 2);
        double[] mean = Columns.mean(columns);
        double[][] covariance = Gaussian.covariance(columns, mean);
        return DoubleStream.concat(
                        Arrays.stream(mean), Arrays.stream(covariance).flatMapToDouble(Arrays::stream))
                .toArray();
    }

    @Test
    void oneCodeIsAllThatADensityOfItGives() {
        float[] code = {0.5f, -3, 0};
        for (LatentDensity density : List.of(LatentDensity.gaussian(code, 3), LatentDensity.mixture(code, 3))) {
            assertThat(density.sample(1, 1, 8)).containsExactly(code, within(1e-4f));
        }
    }

    @Test
    void fewerCodesThanDimensionsAreEnough() {
        float[] codes = SeededNoise.standardNormal(0, 4, 16, 2);
        assertThat(Arrays.stream(LatentDensity.mixture(codes, 16).logDensity(codes)))
                .allMatch(Double::isFinite);
    }

    @Test
    void aConstantDimensionStaysConstant() {
        float[] codes = SeededNoise.standardNormal(0, 500, 3, 2);
        for (int i = 1; i < codes.length; i += 3) {
            codes[i] = 7;
        }
        double[][] samples = Columns.of(LatentDensity.mixture(codes, 3).sample(200, 1, 6), 3);
        // The ridge is a thousandth of the others' deviation; four and a half of these at most in 200 samples.
        assertThat(samples[1]).containsOnly(new double[] {7}, within(0.0045));
    }

    @Test
    void codesAllZeroAreWelcome() {
        assertThat(LatentDensity.mixture(new float[100], 2).sample(5, 1, 0))
                .containsOnly(new float[] {0}, within(1e-12f));
    }

    @Test
    void aDensityNeedsCodes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LatentDensity.gaussian(new float[0], 3))
                .withMessage("no codes to fit a density to");
    }

    @Test
    void codesComeInWholeRows() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LatentDensity.mixture(new float[7], 3))
                .withMessage("7 values are no rows of 3");
    }

    @Test
    void aCodeThatIsNotFiniteIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LatentDensity.mixture(new float[] {0, 1, 2, Float.NaN}, 2))
                .withMessage("code 1 has the value NaN");
    }
}
