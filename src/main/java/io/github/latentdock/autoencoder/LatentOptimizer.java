package io.github.latentdock.autoencoder;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Finds latents whose decodings are closest to what was observed: the inference of an auto-decoder (GLO, Bojanowski et al. 2018;
 * DeepSDF, Park et al. 2019), and for any autoencoder a better reconstruction than its encoder's, also where values are missing.
 *
 * <p>Per example it minimises {@code sum over observed values of loss(decode(z), x) + prior * |z|^2}. An example's answer does not
 * depend on the others of a call: it is the same to the last bit alone and among any others, in any order.
 *
 * <p>One per loaded model, for any number of threads. Start points are worked out at the first use and kept.
 */
public final class LatentOptimizer implements AutoCloseable {

    /** Searches from one start point each that are under way together in one call, and keep a decoding or two. */
    public static final int MOST_AT_ONCE = 512;

    /** What a decoded value costs. */
    public enum Loss {
        /** The squared error. */
        SQUARED,
        /** The negative log-likelihood under the model's {@link Likelihood}; of the Gaussian one without its constant. */
        LIKELIHOOD
    }

    /** How to search. */
    public enum Solver {
        /** Limited-memory BFGS on autograd's gradients: the fastest where it was measured. */
        BFGS,
        /** Levenberg-Marquardt on finite differences: for decoders through which no gradient flows. */
        LEVENBERG_MARQUARDT,
        /** Adam with cosine decay: takes all of its iterations. */
        ADAM
    }

    /**
     * What to minimise, and for how long.
     *
     * @param prior the weight of {@code |z|^2}, not negative
     * @param tolerance an example has converged when iterations lower its objective by less than this part
     * @param maxIterations the most evaluations per start; 0 gives the start point
     * @param starts how many start points to go on from; the best result wins
     * @param seed of start points drawn at random, which are used when there are more starts than good guesses
     * @param solver null to let the model decide
     */
    public record Settings(
            Loss loss,
            double prior,
            double tolerance,
            int maxIterations,
            int starts,
            long seed,
            @Nullable Solver solver) {

        /** Squared error, prior 0.01: at these the references reach what 800 steps of Adam reach. */
        public static final Settings DEFAULT = new Settings(Loss.SQUARED, 0.01, 2e-4, 200, 1, 0, null);

        /** Where latents are kept in the unit ball, which takes the place of a weight, as in training. */
        private static final Settings IN_BALL = new Settings(Loss.SQUARED, 0, 2e-4, 200, 1, 0, null);

        public Settings {
            require(prior >= 0 && Double.isFinite(prior), "prior is %s, must be 0 or more", prior);
            require(tolerance >= 0 && tolerance <= 1, "tolerance is %s, must be from 0 to 1", tolerance);
            require(maxIterations >= 0, "maxIterations is %s, must be 0 or more", maxIterations);
            require(starts >= 1, "starts is %s, must be 1 or more", starts);
        }
    }

    /** Sees the search go on, and may end it: for deadlines, cancellation and streams of events. */
    @FunctionalInterface
    public interface Monitor {

        /**
         * Called after the start points, and then whenever a block of examples went one iteration further.
         *
         * @param iteration 0 after the start points
         * @param objectives the best so far per example; changes after the call returns, so copy what is kept
         * @return false to stop at once with the best that was found
         */
        boolean proceed(int iteration, double[] objectives);

        /** Asked now and then where no iteration ends for a while; false ends the call without an answer. */
        default boolean isWanted() {
            return true;
        }
    }

    /**
     * The best latent found for an example.
     *
     * @param latent {@code [latent size]}
     * @param instance its decoding, {@code [input size]}
     * @param objective of that latent
     * @param iterations that the winning start took
     * @param converged whether it ended by itself, not by the most iterations or by the monitor
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Fit(float[] latent, float[] instance, double objective, int iterations, boolean converged) {}

    private final Autoencoder model;
    private final Shapes shapes;
    private final Likelihood likelihood;
    private final int mostRows;
    private final ReentrantLock preparing = new ReentrantLock();
    private float @Nullable [][] given;
    private volatile @Nullable Preparation preparation;

    /**
     * Takes note of a model; nothing is computed yet.
     *
     * @param model stays the caller's; of a {@link UnitBall} latents are found within it
     * @param codes training codes {@code [k][latent size]} to start from; null where there are none
     * @param mostRows how many rows may go through the network together; finite differences take a few, or one more than there are
     *     latents
     */
    public LatentOptimizer(
            Autoencoder model,
            Shape input,
            Shape latent,
            Likelihood likelihood,
            float @Nullable [][] codes,
            int mostRows) {
        this.model = model;
        this.mostRows = mostRows;
        this.shapes = new Shapes(input, latent);
        this.likelihood = likelihood;
        this.given = codes;
    }

    /**
     * Fits some examples.
     *
     * @param values {@code [n * input size]}, example after example; anything where not observed
     * @param mask of the same length: 1 = observed, 0 = not; null when all were
     * @return a fit per example
     * @throws IllegalArgumentException when a length does not fit, the mask has other values than 0 and 1, or no gradient flows through
     *     the decoder and it is too large for finite differences
     * @throws java.util.concurrent.CancellationException when the monitor says that the answer is not wanted any more
     */
    public List<Fit> optimize(float[] values, float @Nullable [] mask, Settings settings, Monitor monitor) {
        int size = shapes.inputSize();
        require(values.length % size == 0, "%s values are no whole number of examples", values.length);
        if (mask != null) {
            require(mask.length == values.length, "the mask has %s values, not those of the examples", mask.length);
            for (float m : mask) {
                require(m == 0 || m == 1, "the mask has the value %s, must be 0 or 1", m);
            }
        }
        var x = new Observations(values, mask, size, Criterion.of(settings.loss(), likelihood), settings.prior());
        List<Fit> fits = new Optimization(model, shapes, preparation(), x, settings, monitor).run();
        return model instanceof UnitBall
                ? fits.stream()
                        .map(fit -> UnitBall.inside(fit, settings.prior()))
                        .toList()
                : fits;
    }

    /** What suits the model, where nobody asks for something else. */
    public Settings defaults() {
        return model instanceof UnitBall ? Settings.IN_BALL : Settings.DEFAULT;
    }

    /** Works out now what is kept for start points, so that the first request need not wait: some tenths of a second. */
    public void prepare() {
        preparation();
    }

    private Preparation preparation() {
        Preparation ready = preparation;
        if (ready != null) {
            return ready;
        }
        preparing.lock();
        try {
            ready = preparation;
            if (ready == null) {
                ready = Preparation.of(model, shapes, given, mostRows);
                preparation = ready;
                given = null;
            }
            return ready;
        } finally {
            preparing.unlock();
        }
    }

    /** Frees what was kept for start points. Nothing may be running. */
    @Override
    public void close() {
        Preparation ready = preparation;
        if (ready != null) {
            ready.close();
        }
    }

    private static void require(boolean holds, String message, Object given) {
        if (!holds) {
            throw new IllegalArgumentException(message.formatted(given));
        }
    }
}
