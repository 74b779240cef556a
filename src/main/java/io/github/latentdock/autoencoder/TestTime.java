package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.LatentOptimizer.Fit;
import io.github.latentdock.autoencoder.LatentOptimizer.Loss;
import io.github.latentdock.autoencoder.LatentOptimizer.Monitor;
import io.github.latentdock.autoencoder.LatentOptimizer.Settings;
import java.util.List;

/** The inference of an auto-decoder, as a training uses it: for what it does not see, and for what comes new. */
final class TestTime {

    private static final int MOST_CODES = 1024;
    private static final int MOST_ROWS = 64;

    /** Of examples that are fitted together, 8 MB. */
    private static final int MOST_VALUES = 1 << 21;

    /** What training goes on from need not be exact. */
    private static final double ROUGH = 5e-3;

    private TestTime() {}

    /**
     * What the objective says of a latent, as far as test-time optimisation knows it: for a posterior, its mode's.
     *
     * @param variance of the Gaussian likelihood, where it was learned; else NaN
     */
    static Settings settings(Objective objective, double variance) {
        Settings standard = Settings.DEFAULT;
        double prior = switch (objective) {
            case Objective.Ad ad -> ad.prior();
            case Objective.Variational variational -> 0.5 * variational.beta() * unit(variational, variance);
            case Objective.Ae ignored -> standard.prior();
            case Objective.Dae ignored -> standard.prior();
        };
        return new Settings(
                objective.likelihood() == Likelihood.BERNOULLI ? Loss.LIKELIHOOD : Loss.SQUARED,
                prior,
                standard.tolerance(),
                standard.maxIterations(),
                standard.starts(),
                standard.seed(),
                null);
    }

    /** The same, for a beginning. */
    static Settings rough(Objective objective, double variance) {
        Settings exact = settings(objective, variance);
        return new Settings(
                exact.loss(), exact.prior(), ROUGH, exact.maxIterations(), exact.starts(), exact.seed(), null);
    }

    /** A negative log-likelihood of variance v is the squared error divided by 2 v. */
    private static double unit(Objective.Variational variational, double variance) {
        return variational.likelihood() == Likelihood.BERNOULLI
                ? 1
                : 2 * (Double.isNaN(variance) ? variational.variance() : variance);
    }

    /** @param codes {@code [k * latent size]} */
    static LatentOptimizer optimizer(DeclaredAutoencoder model, Network network, Objective objective, float[] codes) {
        var shapes = Shapes.of(network);
        int size = shapes.latentSize();
        float[][] rows = new float[Math.min(MOST_CODES, codes.length / size)][size];
        for (int i = 0; i < rows.length; i++) {
            int row = (int) ((long) i * (codes.length / size) / rows.length);
            System.arraycopy(codes, row * size, rows[i], 0, size);
        }
        Autoencoder searched = objective instanceof Objective.Ad ad && ad.ball() ? new UnitBall(model) : model;
        return new LatentOptimizer(searched, shapes.input(), shapes.latent(), objective.likelihood(), rows, MOST_ROWS);
    }

    /** Takes what was found for an example. */
    @FunctionalInterface
    interface Fitted {
        void take(int row, Fit fit);
    }

    /**
     * Fits the examples {@code from … to - 1}, so many at a time that it matters not how many there are.
     *
     * @throws java.util.concurrent.CancellationException when nobody wants it any more
     */
    static void fit(
            LatentOptimizer optimizer,
            Examples examples,
            int from,
            int to,
            Settings settings,
            Wanted wanted,
            Fitted each) {
        int size = examples.size();
        int most = Math.clamp(MOST_VALUES / size, MOST_ROWS, LatentOptimizer.MOST_AT_ONCE);
        for (int block = from; block < to; block += most) {
            int row = block;
            for (Fit fit : fit(optimizer, examples, block, Math.min(to, block + most), settings, wanted.monitor())) {
                each.take(row, fit);
                row++;
            }
        }
    }

    private static List<Fit> fit(
            LatentOptimizer optimizer, Examples examples, int from, int to, Settings settings, Monitor monitor) {
        int size = examples.size();
        float[] values = new float[(to - from) * size];
        float[] mask = examples.hasMask() ? new float[values.length] : null;
        for (int row = from; row < to; row++) {
            examples.values(row, values, (row - from) * size);
            if (mask != null) {
                examples.mask(row, mask, (row - from) * size);
            }
        }
        return optimizer.optimize(values, mask, settings, monitor);
    }
}
