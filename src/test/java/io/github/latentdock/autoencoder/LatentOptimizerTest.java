package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.autoencoder.LatentOptimizer.Fit;
import io.github.latentdock.autoencoder.LatentOptimizer.Loss;
import io.github.latentdock.autoencoder.LatentOptimizer.Settings;
import io.github.latentdock.autoencoder.LatentOptimizer.Solver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On a decoder {@code z W' + b} of 3 latents and 8 outputs, where the best latent is the solution of a ridge regression. */
class LatentOptimizerTest {

    private static final int OUTPUTS = 8;
    private static final int LATENTS = 3;
    private static final double PRIOR = 0.5;
    private static final float[] VALUES = {1, -2, 0.5f, 3, 0, -1, 2, 0.25f};
    private static final float[] MASK = {1, 1, 0, 1, 0, 1, 1, 0};

    private final Autoencoder model = TorchScript.load(
            Path.of("src/test/resources/torchscript/affine"), Kind.AD, new Shape(OUTPUTS), new Shape(LATENTS));
    private LatentOptimizer optimizer = optimizer(Likelihood.GAUSSIAN);

    private LatentOptimizer optimizer(Likelihood likelihood) {
        return new LatentOptimizer(model, new Shape(OUTPUTS), new Shape(LATENTS), likelihood, null, 64);
    }

    @BeforeEach
    void load() {
        optimizer = optimizer(Likelihood.GAUSSIAN);
    }

    @AfterEach
    void close() {
        optimizer.close();
        model.close();
    }

    @ParameterizedTest
    @EnumSource
    void findsTheSolutionOfARidgeRegression(Solver solver) {
        Fit fit = fit(VALUES, null, settings(Loss.SQUARED, solver));
        assertClose(fit.latent(), ridge(VALUES, ones(), PRIOR), solver);
    }

    @ParameterizedTest
    @EnumSource
    void findsTheSolutionOfARidgeRegressionOnWhatWasObserved(Solver solver) {
        Fit fit = fit(VALUES, MASK, settings(Loss.SQUARED, solver));
        assertClose(fit.latent(), ridge(VALUES, MASK, PRIOR), solver);
    }

    @Test
    void theGaussianLikelihoodCountsAnErrorHalf() {
        Fit fit = fit(VALUES, null, settings(Loss.LIKELIHOOD, null));
        assertClose(fit.latent(), ridge(VALUES, ones(), 2 * PRIOR), Solver.BFGS);
    }

    @Test
    void tellsTheObjectiveOfTheLatentThatItGives() {
        Fit fit = fit(VALUES, MASK, settings(Loss.SQUARED, null));
        double expected = 0;
        for (int k = 0; k < OUTPUTS; k++) {
            expected += MASK[k] * Math.pow(decode(fit.latent())[k] - VALUES[k], 2);
        }
        for (float v : fit.latent()) {
            expected += PRIOR * v * v;
        }
        assertThat(fit.objective()).isCloseTo(expected, within(1e-5));
    }

    @Test
    void givesTheDecodingOfTheLatentThatItGives() {
        Fit fit = fit(VALUES, MASK, settings(Loss.SQUARED, null));
        for (int k = 0; k < OUTPUTS; k++) {
            assertThat((double) fit.instance()[k]).isCloseTo(decode(fit.latent())[k], within(1e-5));
        }
    }

    @Test
    void aValueThatWasNotObservedIsNeverRead() {
        float[] strange = VALUES.clone();
        for (int k = 0; k < OUTPUTS; k++) {
            if (MASK[k] == 0) {
                strange[k] = k % 2 == 0 ? 1e30f : Float.POSITIVE_INFINITY;
            }
        }
        assertThat(fit(strange, MASK, Settings.DEFAULT).latent())
                .isEqualTo(fit(VALUES, MASK, Settings.DEFAULT).latent());
    }

    @Test
    void withNothingObservedOnlyThePriorCounts() {
        Fit fit = fit(VALUES, new float[OUTPUTS], settings(Loss.SQUARED, null));
        assertThat(fit.objective()).isCloseTo(0, within(1e-9));
    }

    @Test
    void convergesByItself() {
        assertThat(fit(VALUES, null, Settings.DEFAULT).converged()).isTrue();
    }

    @Test
    void doesNotIterateMoreThanItMay() {
        var settings = new Settings(Loss.SQUARED, PRIOR, 0, 2, 1, 0, null);
        Fit fit = fit(VALUES, null, settings);
        assertThat(fit.iterations()).isEqualTo(2);
        assertThat(fit.converged()).isFalse();
    }

    @Test
    void stopsBetweenStartPointsWhenNobodyWaits() {
        var asked = new AtomicInteger();
        var iterations = new AtomicInteger();
        var monitor = new LatentOptimizer.Monitor() {
            @Override
            public boolean proceed(int iteration, double[] objectives) {
                iterations.set(iteration);
                return true;
            }

            @Override
            public boolean isWanted() {
                return asked.incrementAndGet() < 10;
            }
        };
        float[] many = repeated(VALUES, 20);
        var settings = new Settings(Loss.SQUARED, PRIOR, 0, 2, 64, 0, null);

        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> optimizer.optimize(many, null, settings, monitor));
        assertThat(asked).hasValue(10);
        assertThat(iterations).hasValue(0);
    }

    @Test
    void anExampleOfALaterWaveIsAnsweredAsAlone() {
        var settings = new Settings(Loss.SQUARED, PRIOR, 1e-6, 50, 64, 3, null);
        Fit alone = fit(VALUES, MASK, settings);
        int count = LatentOptimizer.MOST_AT_ONCE / settings.starts() + 2;
        List<Fit> fits = optimizer.optimize(
                repeated(VALUES, count), repeated(MASK, count), settings, (iteration, objectives) -> true);

        for (Fit fit : fits) {
            assertThat(fit.latent()).isEqualTo(alone.latent());
            assertThat(fit.objective()).isEqualTo(alone.objective());
            assertThat(fit.iterations()).isEqualTo(alone.iterations());
        }
    }

    private static float[] repeated(float[] values, int times) {
        float[] all = new float[times * values.length];
        for (int i = 0; i < times; i++) {
            System.arraycopy(values, 0, all, i * values.length, values.length);
        }
        return all;
    }

    @Test
    void withoutIterationsTheStartPointIsTheAnswer() {
        var settings = new Settings(Loss.SQUARED, PRIOR, 0, 0, 1, 0, null);
        assertThat(fit(VALUES, null, settings).iterations()).isZero();
    }

    @Test
    void aLooserToleranceTakesNoMoreIterations() {
        Fit loose = fit(VALUES, null, new Settings(Loss.SQUARED, PRIOR, 0.5, 200, 1, 0, null));
        Fit tight = fit(VALUES, null, new Settings(Loss.SQUARED, PRIOR, 1e-9, 200, 1, 0, null));
        assertThat(loose.iterations()).isLessThan(tight.iterations());
        assertThat(loose.objective()).isGreaterThanOrEqualTo(tight.objective());
    }

    @ParameterizedTest
    @EnumSource
    void stopsAtOnceWhenTheMonitorSaysSo(Solver solver) {
        List<Integer> seen = new ArrayList<>();
        List<Fit> fits = optimizer.optimize(
                VALUES,
                null,
                new Settings(Loss.SQUARED, PRIOR, 0, 100, 1, 0, solver),
                (iteration, objectives) -> seen.add(iteration) && iteration < 2);
        assertThat(seen).containsExactly(0, 1, 2);
        assertThat(fits.getFirst().iterations()).isEqualTo(2);
        assertThat(fits.getFirst().converged()).isFalse();
    }

    @Test
    void theMonitorSeesObjectivesFall() {
        List<Double> seen = new ArrayList<>();
        Fit fit = optimizer
                .optimize(VALUES, null, Settings.DEFAULT, (iteration, objectives) -> seen.add(objectives[0]))
                .getFirst();
        assertThat(seen).isSortedAccordingTo((a, b) -> Double.compare(b, a));
        assertThat(seen.getLast()).isEqualTo(fit.objective());
    }

    @Test
    void findsTheLikeliestLatentOfBernoulliValues() {
        // Where the gradient of the negative log-likelihood, by finite differences, is zero.
        float[] values = {0.2f, 0.9f, 0.5f, 0.4f, 0.7f, 0.1f, 0.6f, 0.3f};
        Path folder = Path.of("src/test/resources/torchscript/sigmoid");
        try (Autoencoder sigmoid = TorchScript.load(folder, Kind.AD, new Shape(OUTPUTS), new Shape(LATENTS));
                var bernoulli = new LatentOptimizer(
                        sigmoid, new Shape(OUTPUTS), new Shape(LATENTS), Likelihood.BERNOULLI, null, 64)) {
            Fit fit = bernoulli
                    .optimize(values, null, settings(Loss.LIKELIHOOD, null), (iteration, objectives) -> true)
                    .getFirst();
            for (int i = 0; i < LATENTS; i++) {
                double up = bernoulli(values, moved(fit.latent(), i, 1e-3));
                double down = bernoulli(values, moved(fit.latent(), i, -1e-3));
                assertThat((up - down) / 2e-3).isCloseTo(0, within(1e-2));
            }
            assertThat(fit.objective()).isCloseTo(bernoulli(values, moved(fit.latent(), 0, 0)), within(1e-4));
        }
    }

    @Test
    void optimisesThroughADecoderThatGivesNoGradient() {
        Path folder = Path.of("src/test/resources/torchscript/detached");
        try (Autoencoder detached = TorchScript.load(folder, Kind.AD, new Shape(OUTPUTS), new Shape(LATENTS));
                var without = new LatentOptimizer(
                        detached, new Shape(OUTPUTS), new Shape(LATENTS), Likelihood.GAUSSIAN, null, 64)) {
            Fit fit = without.optimize(VALUES, MASK, settings(Loss.SQUARED, null), (iteration, objectives) -> true)
                    .getFirst();
            assertClose(fit.latent(), ridge(VALUES, MASK, PRIOR), Solver.LEVENBERG_MARQUARDT);
        }
    }

    @Test
    void refusesAMaskThatIsNeitherZeroNorOne() {
        float[] mask = ones();
        mask[3] = 0.5f;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit(VALUES, mask, Settings.DEFAULT))
                .withMessage("the mask has the value 0.5, must be 0 or 1");
    }

    @Test
    void refusesAPartOfAnExample() {
        assertThatIllegalArgumentException().isThrownBy(() -> fit(new float[9], null, Settings.DEFAULT));
    }

    @Test
    void refusesANegativePrior() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Settings(Loss.SQUARED, -1, 1e-4, 10, 1, 0, null))
                .withMessage("prior is -1.0, must be 0 or more");
    }

    @Test
    void anEmptyBatchHasNoFits() {
        assertThat(optimizer.optimize(new float[0], null, Settings.DEFAULT, (iteration, objectives) -> true))
                .isEmpty();
    }

    @Test
    void takesLatentMaps() {
        try (Autoencoder map = TorchScript.load(
                        Path.of("src/test/resources/torchscript/map"),
                        Kind.AD,
                        new Shape(1, 6, 6),
                        new Shape(2, 3, 3));
                var maps = new LatentOptimizer(
                        map, new Shape(1, 6, 6), new Shape(2, 3, 3), Likelihood.GAUSSIAN, null, 64);
                NDManager manager = NDManager.newBaseManager()) {
            float[] z = new float[18];
            for (int i = 0; i < z.length; i++) {
                z[i] = (float) Math.sin(i);
            }
            NDArray x = map.decode(manager.create(z, new Shape(1, 2, 3, 3)));
            var settings = new Settings(Loss.SQUARED, 0, 1e-6, 500, 1, 0, null);
            Fit fit = maps.optimize(x.toFloatArray(), null, settings, (iteration, objectives) -> true)
                    .getFirst();
            assertThat(fit.latent()).hasSize(18);
            // What the decoder made itself it can make again.
            assertThat(fit.objective()).isLessThan(1e-6);
        }
    }

    private Fit fit(float[] values, float @Nullable [] mask, Settings settings) {
        return optimizer
                .optimize(values, mask, settings, (iteration, objectives) -> true)
                .getFirst();
    }

    private static Settings settings(Loss loss, @Nullable Solver solver) {
        return new Settings(loss, PRIOR, 1e-10, 500, 1, 0, solver);
    }

    /** Adam ends near the solution, the others at it, as exactly as float32 decodings tell. */
    private static void assertClose(float[] latent, double[] solution, Solver solver) {
        double tolerance = solver == Solver.ADAM ? 1e-2 : 1e-3;
        for (int i = 0; i < LATENTS; i++) {
            assertThat((double) latent[i]).isCloseTo(solution[i], within(tolerance));
        }
    }

    private static float[] ones() {
        float[] ones = new float[OUTPUTS];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** The decoder of src/test/python/torchscript.py. */
    private static double weight(int i, int j) {
        return Math.sin(1 + 3 * i + 7 * j + i * j);
    }

    private static double[] decode(float[] z) {
        double[] decoded = new double[OUTPUTS];
        for (int i = 0; i < OUTPUTS; i++) {
            decoded[i] = Math.cos(i);
            for (int j = 0; j < LATENTS; j++) {
                decoded[i] += weight(i, j) * z[j];
            }
        }
        return decoded;
    }

    private static float[] moved(float[] z, int index, double step) {
        float[] moved = z.clone();
        moved[index] += (float) step;
        return moved;
    }

    private static double bernoulli(float[] values, float[] z) {
        double[] logits = decode(z);
        double sum = 0;
        for (int i = 0; i < OUTPUTS; i++) {
            sum += Math.log1p(Math.exp(logits[i])) - values[i] * logits[i];
        }
        for (float v : z) {
            sum += PRIOR * v * v;
        }
        return sum;
    }

    /** {@code (W' M W + prior I)^-1 W' M (x - b)}, by Cramer's rule. */
    private static double[] ridge(float[] values, float[] mask, double prior) {
        double[][] a = new double[LATENTS][LATENTS];
        double[] b = new double[LATENTS];
        for (int j = 0; j < LATENTS; j++) {
            a[j][j] = prior;
            for (int i = 0; i < OUTPUTS; i++) {
                b[j] += mask[i] * weight(i, j) * (values[i] - Math.cos(i));
                for (int k = 0; k < LATENTS; k++) {
                    a[j][k] += mask[i] * weight(i, j) * weight(i, k);
                }
            }
        }
        double[] solution = new double[LATENTS];
        for (int j = 0; j < LATENTS; j++) {
            double[][] replaced = Arrays.stream(a).map(double[]::clone).toArray(double[][]::new);
            for (int i = 0; i < LATENTS; i++) {
                replaced[i][j] = b[i];
            }
            solution[j] = determinant(replaced) / determinant(a);
        }
        return solution;
    }

    private static double determinant(double[][] m) {
        return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
                - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
                + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
    }
}
