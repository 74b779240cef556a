package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.autoencoder.Corruption.GaussianNoise;
import io.github.latentdock.autoencoder.Corruption.Masking;
import io.github.latentdock.autoencoder.Corruption.SaltAndPepper;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Over a million values; shares are certain to five standard errors, which are at most 0.0005. */
class CorruptionTest {

    private static final int COUNT = 1_000_000;
    private static final double SHARE = 0.0025;
    private static final float ANY = Float.POSITIVE_INFINITY;

    static List<Corruption> all() {
        return List.of(new GaussianNoise(0.5), new Masking(0.3), new SaltAndPepper(0.3));
    }

    /** A standard error of 0.0005 for the mean, of 0.00035 for the deviation. */
    @Test
    void gaussianNoiseHasItsDeviation() {
        float[] values = corrupted(new GaussianNoise(0.5), 0.25f, -ANY, ANY, 1);
        double mean = mean(values);
        double square = 0;
        for (float value : values) {
            square += (value - mean) * (value - mean) / COUNT;
        }
        assertThat(mean).isCloseTo(0.25, within(0.0025));
        assertThat(Math.sqrt(square)).isCloseTo(0.5, within(0.002));
    }

    /** With sigma 0.5 about 0.25: P(z < -0.5) = 0.30854 are cut to 0, P(z > 1.5) = 0.06681 to 1. */
    @Test
    void gaussianNoiseIsClippedToWhatValuesCanBe() {
        float[] values = corrupted(new GaussianNoise(0.5), 0.25f, 0, 1, 1);

        assertThat(share(values, 0)).isCloseTo(0.30854, within(SHARE));
        assertThat(share(values, 1)).isCloseTo(0.06681, within(SHARE));
        for (float value : values) {
            assertThat(value >= 0 && value <= 1).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.3, 0.9})
    void maskingTakesItsShareAndLeavesTheRest(double rate) {
        float[] values = corrupted(new Masking(rate), 0.25f, 0, 1, 1);

        assertThat(share(values, 0)).isCloseTo(rate, within(SHARE));
        assertThat(share(values, 0.25f)).isCloseTo(1 - rate, within(SHARE));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.3, 0.9})
    void saltAndPepperAreEquallyOften(double rate) {
        float[] values = corrupted(new SaltAndPepper(rate), 0.25f, -1, 2, 1);

        assertThat(share(values, -1)).isCloseTo(rate / 2, within(SHARE));
        assertThat(share(values, 2)).isCloseTo(rate / 2, within(SHARE));
        assertThat(share(values, 0.25f)).isCloseTo(1 - rate, within(SHARE));
    }

    @Test
    void saltIsOneAndPepperZeroWhereValuesHaveNoBounds() {
        float[] values = corrupted(new SaltAndPepper(0.5), 0.25f, -ANY, ANY, 1);

        assertThat(share(values, 0) + share(values, 1) + share(values, 0.25f)).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("all")
    void theSameSeedCorruptsTheSame(Corruption corruption) {
        float[] first = corrupted(corruption, 0.25f, 0, 1, 1);

        assertThat(corrupted(corruption, 0.25f, 0, 1, 1)).isEqualTo(first);
        assertThat(corrupted(corruption, 0.25f, 0, 1, 2)).isNotEqualTo(first);
    }

    @ParameterizedTest
    @MethodSource("all")
    void onlyWhatIsAskedForIsCorrupted(Corruption corruption) {
        float[] values = new float[1000];
        Arrays.fill(values, 0.25f);
        corruption.apply(values, 100, 900, 0, 1, TestExamples.random(1));

        for (int i = 0; i < 1000; i++) {
            if (i < 100 || i >= 900) {
                assertThat(values[i]).isEqualTo(0.25f);
            }
        }
        assertThat(values[100] == 0.25f && values[101] == 0.25f && values[898] == 0.25f && values[899] == 0.25f)
                .isFalse();
    }

    private static float[] corrupted(Corruption corruption, float value, float low, float high, long seed) {
        float[] values = new float[COUNT];
        Arrays.fill(values, value);
        corruption.apply(values, 0, COUNT, low, high, TestExamples.random(seed));
        return values;
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double share(float[] values, float value) {
        int count = 0;
        for (float each : values) {
            count += each == value ? 1 : 0;
        }
        return (double) count / values.length;
    }
}
