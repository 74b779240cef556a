package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.testing.NativeHeap;
import io.github.latentdock.testing.Npz;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Subspace iteration against NumPy's exact eigendecomposition, of variances each of which is nine tenths of the one before. */
class PrincipalComponentsTest {

    static {
        SingleThread.use();
    }

    private static final Npz GOLDEN = Npz.read("/golden/components.npz");
    private static final int SIZE = 40;
    private static final TestExamples EXAMPLES = TestExamples.of(GOLDEN.get("x").values(), 5, 8);

    /** With 1 component and 16 more in the subspace, what is neglected has 0.9^16 of the variance, to the power of six passes. */
    @ParameterizedTest
    @CsvSource({"1, false", "2, false", "5, false", "8, false", "1, true", "2, true", "5, true", "8, true"})
    void theirErrorIsThatOfTheExactOnes(int k, boolean masked) {
        double expected = GOLDEN.get(masked ? "masked_error" : "error").values()[k - 1];

        assertThat(fit(examples(masked), k).error(examples(masked), Wanted.ALWAYS))
                .isCloseTo(expected, within(1e-4 * expected));
    }

    @Test
    void theErrorOfOtherExamplesIsAboutTheTrainingsMean() {
        TestExamples held = TestExamples.of(GOLDEN.get("held").values(), 5, 8);
        double expected = GOLDEN.get("held_error").values()[7];

        assertThat(fit(EXAMPLES, 8).error(held, Wanted.ALWAYS)).isCloseTo(expected, within(1e-4 * expected));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whitenedCoordinatesAreThoseOfTheExactComponentsButForTheirSigns(boolean masked) {
        TestExamples examples = examples(masked);
        float[] codes = whitened(examples, 8, 8);
        double[] mean = mean(examples);
        Npz.Array vectors = GOLDEN.get(masked ? "masked_components" : "components");
        float[] variances =
                GOLDEN.get(masked ? "masked_variances" : "variances").values();
        for (int j = 0; j < 8; j++) {
            double same = 0;
            for (int row = 0; row < 300; row++) {
                double exact = 0;
                for (int i = 0; i < SIZE; i++) {
                    int at = row * SIZE + i;
                    double there = examples.mask() == null ? 1 : examples.mask()[at];
                    exact += there * (examples.values()[at] - mean[i]) * vectors.row(j)[i];
                }
                same += exact / Math.sqrt(variances[j]) * codes[row * 8 + j] / 300;
            }
            // The correlation, since both have variance 1. Two variances that are almost the same turn their components
            // a little.
            assertThat(Math.abs(same)).as("component %d", j).isCloseTo(1, within(1e-3));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whitenedCoordinatesHaveVarianceOneAndNothingInCommon(boolean masked) {
        float[] codes = whitened(examples(masked), 8, 8);
        for (int a = 0; a < 8; a++) {
            for (int b = 0; b <= a; b++) {
                assertThat(covariance(codes, 8, a, b)).isCloseTo(a == b ? 1 : 0, within(1e-3));
            }
        }
    }

    @Test
    void whereThereAreFewerComponentsThanCodesAreWideTheRestIsStandardNormal() {
        float[] values = TestExamples.normal(2000 * 3, 1);
        float[] codes = PrincipalComponents.fit(TestExamples.of(values, 3), 5, TestExamples.random(2), Wanted.ALWAYS)
                .whitened(TestExamples.of(values, 3), 5, TestExamples.random(3), Wanted.ALWAYS);
        for (int j = 0; j < 5; j++) {
            assertThat(covariance(codes, 5, j, j)).isCloseTo(1, within(0.1));
        }
    }

    /** Examples in a plane of six dimensions: what rounding leaves of the others must not be blown up to variance 1, or beyond. */
    @ParameterizedTest
    @ValueSource(floats = {1, 1e-4f, 1e4f})
    void componentsThatOnlyRoundingHasAreNone(float scale) {
        float[] plane = TestExamples.normal(500 * 2, 1);
        float[] axes = TestExamples.normal(2 * 6, 2);
        float[] values = new float[500 * 6];
        for (int i = 0; i < values.length; i++) {
            values[i] = scale * (3 + plane[i / 6 * 2] * axes[i % 6] + plane[i / 6 * 2 + 1] * axes[6 + i % 6]);
        }
        TestExamples examples = TestExamples.of(values, 6);
        PrincipalComponents components = PrincipalComponents.fit(examples, 4, TestExamples.random(3), Wanted.ALWAYS);
        float[] codes = components.whitened(examples, 4, TestExamples.random(4), Wanted.ALWAYS);

        float[] noise = new float[codes.length];
        var random = TestExamples.random(4);
        for (int row = 0; row < 500; row++) {
            for (int j = 0; j < 4; j++) {
                noise[row * 4 + j] = j < 2 ? codes[row * 4 + j] : (float) random.nextGaussian();
            }
        }
        assertThat(codes).isEqualTo(noise);
        assertThat(components.error(examples, Wanted.ALWAYS)).isLessThan(1e-9 * scale * scale);
    }

    @Test
    void oneExampleHasNoComponentsAndNoError() {
        TestExamples one = TestExamples.of(new float[] {1, 2, 3}, 3);
        PrincipalComponents components = PrincipalComponents.fit(one, 2, TestExamples.random(1), Wanted.ALWAYS);

        assertThat(components.error(one, Wanted.ALWAYS)).isZero();
        for (float code : components.whitened(one, 2, TestExamples.random(2), Wanted.ALWAYS)) {
            assertThat(code).isFinite().isNotZero();
        }
    }

    /** The example's values are all missing, so there is nothing that could be lost of it. */
    @Test
    void anExampleOfWhichNothingWasObservedHasNoError() {
        float[] mask = new float[EXAMPLES.values().length];
        Arrays.fill(mask, SIZE, mask.length, 1);
        float[] values = EXAMPLES.values().clone();
        Arrays.fill(values, 0, SIZE, 0);
        var examples = new TestExamples(EXAMPLES.shape(), values, mask, null, EXAMPLES.low(), EXAMPLES.high());

        assertThat(fit(examples, 3).errors(examples, Wanted.ALWAYS)).hasSize(EXAMPLES.count() - 1);
    }

    /**
     * At any of the moments when it is asked whether it is wanted, and in the best of three rounds, as compilers of Java's take memory
     * from the same heap. Every pass that kept its arrays would add two of them: 14 at last.
     */
    @Test
    void aFitTakesAFewArraysHoweverManyPassesItMakes() {
        int size = 20_000;
        TestExamples examples = TestExamples.of(TestExamples.normal(64 * size, 1), size);
        long array = PrincipalComponents.values(examples.size(), examples.count(), 48) * Float.BYTES;
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            System.gc();
            long before = NativeHeap.bytes();
            var most = new long[1];
            PrincipalComponents.fit(examples, 48, TestExamples.random(2), () -> {
                most[0] = Math.max(most[0], NativeHeap.bytes() - before);
                return true;
            });
            least = Math.min(least, most[0]);
        }

        assertThat(array).isEqualTo(20_000L * 64 * Float.BYTES);
        assertThat(least).isLessThan(5 * array);
    }

    @Test
    void manyComponentsOfLargeExamplesAreCountedBeyondWhatAnIntCanBe() {
        assertThat(PrincipalComponents.values(3 << 20, 1 << 20, 4096)).isEqualTo((3L << 20) * (4096 + 16));
    }

    @Test
    void theSameSeedGivesTheSameComponents() {
        assertThat(whitened(EXAMPLES, 8, 8)).isEqualTo(whitened(EXAMPLES, 8, 8));
    }

    private static TestExamples examples(boolean masked) {
        if (!masked) {
            return EXAMPLES;
        }
        float[] mask = GOLDEN.get("mask").values();
        float[] values = EXAMPLES.values().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] *= mask[i];
        }
        return new TestExamples(EXAMPLES.shape(), values, mask, null, EXAMPLES.low(), EXAMPLES.high());
    }

    private static PrincipalComponents fit(TestExamples examples, int k) {
        return PrincipalComponents.fit(examples, k, TestExamples.random(1), Wanted.ALWAYS);
    }

    private static float[] whitened(TestExamples examples, int k, int width) {
        return fit(examples, k).whitened(examples, width, TestExamples.random(2), Wanted.ALWAYS);
    }

    private static double[] mean(TestExamples examples) {
        double[] sums = new double[SIZE];
        double[] counts = new double[SIZE];
        for (int i = 0; i < examples.values().length; i++) {
            double there = examples.mask() == null ? 1 : examples.mask()[i];
            sums[i % SIZE] += there * examples.values()[i];
            counts[i % SIZE] += there;
        }
        Arrays.setAll(sums, i -> sums[i] / counts[i]);
        return sums;
    }

    /** About 0, which is the codes' mean where nothing is missing, and where what is missing counts as the mean. */
    private static double covariance(float[] codes, int width, int a, int b) {
        double sum = 0;
        int n = codes.length / width;
        for (int row = 0; row < n; row++) {
            sum += (double) codes[row * width + a] * codes[row * width + b] / n;
        }
        return sum;
    }
}
