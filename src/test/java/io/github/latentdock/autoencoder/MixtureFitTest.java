package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.References;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MixtureFitTest {

    /** 4 000 codes could bear 15 components of 128 dimensions, which would take minutes. */
    @Test
    void largeLatentsAreFittedWithFewerCodesAndComponents() {
        int size = 128;
        float[] codes = SeededNoise.standardNormal(0, 4_000, size, 5);

        assertThat(MixtureFit.of(codes, size, Wanted.ALWAYS).mixture().components())
                .hasSizeBetween(2, 13);
    }

    private final Npz golden = Npz.read("/golden/mixture.npz");

    @Test
    void aMixtureHasTheDensityThatScikitLearnComputes() {
        int k = 3;
        int d = 4;
        var components = new ArrayList<Gaussian>();
        var weights = new double[k];
        for (int c = 0; c < k; c++) {
            weights[c] = golden.get("weights").values()[c];
            double[][] covariance = Triangle.zero(d);
            var mean = new double[d];
            for (int i = 0; i < d; i++) {
                mean[i] = golden.get("means").row(c)[i];
                for (int j = 0; j <= i; j++) {
                    covariance[i][j] = golden.get("covariances").row(c)[i * d + j];
                }
            }
            components.add(new Gaussian(mean, covariance));
        }
        float[] expected = golden.get("log_density").values();
        double[] computed = new GaussianMixture(components, weights)
                .logDensity(golden.get("codes").values());
        for (int i = 0; i < expected.length; i++) {
            // float32's rounding of what the file holds
            assertThat(computed[i]).isCloseTo(expected[i], within(1e-6 * Math.abs(expected[i]) + 1e-6));
        }
    }

    @Test
    void withHardlyAnyPriorAFitReachesTheLikelihoodOfScikitLearns() {
        float[] codes = golden.get("codes").values();
        // They look ten times and stop later: a thousandth of a nat for the iterations that we save.
        assertThat(meanLogDensity(codes, 1e-4))
                .isGreaterThan(mean(golden.get("log_density").values()) - 1e-3);
    }

    @Test
    void aFitEndsAtTheNextIterationWhenNobodyWantsItAnyMore() {
        double[][] columns = Columns.of(golden.get("codes").values(), 4);
        var asked = new AtomicInteger();

        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() ->
                        MixtureFit.of(columns, 3, MixtureFit.PRIOR_PER_DIMENSION, () -> asked.incrementAndGet() < 3));
        assertThat(asked).hasValue(3);
    }

    @Test
    void thePriorCostsLittleLikelihood() {
        float[] codes = golden.get("codes").values();
        // One observation beside the 100 to 300 of a component, but each of these is flat in a direction of its own.
        // Measured: 0.048.
        assertThat(meanLogDensity(codes, MixtureFit.PRIOR_PER_DIMENSION))
                .isGreaterThan(mean(golden.get("log_density").values()) - 0.06);
    }

    private static double meanLogDensity(float[] codes, double priorPerDimension) {
        return mean(MixtureFit.of(Columns.of(codes, 4), 3, priorPerDimension, Wanted.ALWAYS)
                .mixture()
                .logDensity(codes));
    }

    @Property(tries = 200)
    void likelihoodPlusPriorNeverFalls(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 120) int n,
            @ForAll @IntRange(min = 1, max = 6) int d,
            @ForAll @IntRange(min = 1, max = 8) int k) {
        float[] codes = SeededNoise.standardNormal(0, n, d, seed);
        for (int i = 0; i < codes.length; i++) {
            codes[i] = Math.round(codes[i] * 2) + 3 * (i / d % 3); // three groups, with codes that come more than once
        }
        double last = Double.NEGATIVE_INFINITY;
        for (double objective : MixtureFit.of(Columns.of(codes, d), k, MixtureFit.PRIOR_PER_DIMENSION, Wanted.ALWAYS)
                .objectives()) {
            // Responsibilities beneath exp(-30) are left out: 1e-13 of a code each, and sums round.
            assertThat(objective).isGreaterThanOrEqualTo(last - 1e-9 * (1 + Math.abs(last)));
            last = objective;
        }
    }

    @Test
    void oneComponentIsTheClosedFormGaussian() {
        float[] codes = golden.get("codes").values();
        double[][] columns = Columns.of(codes, 4);
        // The prior's share of the ridge is all that differs: 1e-6 of the variance times 1 / 601.
        assertThat(MixtureFit.of(columns, 1, MixtureFit.PRIOR_PER_DIMENSION, Wanted.ALWAYS)
                        .mixture()
                        .logDensity(codes))
                .containsExactly(Gaussian.fit(columns).logDensity(codes), within(1e-4));
    }

    @Test
    void componentsWithoutCodesAreDropped() {
        float[] twoDifferent = new float[40];
        Arrays.fill(twoDifferent, 20, 40, 1);
        assertThat(MixtureFit.of(Columns.of(twoDifferent, 1), 5, MixtureFit.PRIOR_PER_DIMENSION, Wanted.ALWAYS)
                        .mixture()
                        .components())
                .hasSize(2);
    }

    @Test
    void aFitIsTheSameToTheBitOnEveryMachine() {
        float[] codes = SeededNoise.standardNormal(0, 400, 5, 1);
        float[] samples = LatentDensity.mixture(codes, 5).sample(50, 1, 1);
        // Whoever changes the fit on purpose writes down the new number; a machine or JDK must not change it.
        assertThat(Arrays.hashCode(samples)).isEqualTo(1296779746);
    }

    @Test
    void moreCodesThanAreUsedAreThinnedEvenly() {
        var codes = new float[3 * MixtureFit.MAX_CODES];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = i < codes.length / 2 ? 0 : 1;
        }
        float[] samples = LatentDensity.mixture(codes, 1).sample(10_000, 1, 2);
        assertThat(mean(samples)).isCloseTo(0.5, within(5 * 0.5 / Math.sqrt(10_000)));
    }

    @Test
    void heldOutCodesAreLikelierUnderTheMixtureThanUnderTheGaussian() {
        float[] codes;
        try (Safetensors file =
                Safetensors.open(References.version("fashion-ad").resolve("codes.safetensors"))) {
            codes = file.floats("codes");
        }
        int d = 32;
        int fitted = 3072 * d;
        float[] some = Arrays.copyOf(codes, fitted);
        float[] heldOut = Arrays.copyOfRange(codes, fitted, codes.length);
        // Measured: -31.6 and -47.8 nats. Without a prior 50 components would be no better than -46.
        assertThat(mean(LatentDensity.mixture(some, d).logDensity(heldOut)))
                .isGreaterThan(mean(LatentDensity.gaussian(some, d).logDensity(heldOut)) + 10);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
