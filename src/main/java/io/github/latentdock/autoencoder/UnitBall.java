package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import io.github.latentdock.autoencoder.LatentOptimizer.Fit;
import java.util.stream.IntStream;

/**
 * A model whose latents lie in the unit ball: it decodes what is longer as if it were cut to length 1. Start points may so be outside;
 * searches are kept inside, where there is a slope in every direction.
 *
 * @param model stays the caller's
 */
public record UnitBall(Autoencoder model) implements Autoencoder {

    private static final double LONGEST = 1 - 1e-5;
    private static final double ROUNDING = 1e-5;

    @Override
    public boolean hasEncoder() {
        return model.hasEncoder();
    }

    @Override
    public Posterior encode(NDArray x) {
        return model.encode(x);
    }

    @Override
    public NDArray decode(NDArray z) {
        int[] axes = IntStream.range(1, z.getShape().dimension()).toArray();
        // The root is taken of what is never 0, where it has no slope.
        NDArray length = z.mul(z).sum(axes, true).maximum(1).sqrt();
        return model.decode(z.div(length));
    }

    /** A fit whose latent is in the ball, as its decoding says. */
    static Fit inside(Fit fit, double prior) {
        float[] latent = fit.latent().clone();
        shorten(latent);
        double shorter = Observations.squaredNorm(fit.latent()) - Observations.squaredNorm(latent);
        return new Fit(latent, fit.instance(), fit.objective() - prior * shorter, fit.iterations(), fit.converged());
    }

    /**
     * Cuts what is longer than 1, as it is decoded.
     *
     * @param latents {@code [n, size]}, row-major
     */
    public static void shorten(float[] latents, int size) {
        for (int from = 0; from < latents.length; from += size) {
            shorten(latents, from, size);
        }
    }

    /** Cuts one. */
    static void shorten(float[] z) {
        shorten(z, 0, z.length);
    }

    /** Cuts one, if it is longer, to a length so little less than 1 that rounding does not lead out again: nothing is cut twice. */
    static void shorten(float[] latents, int from, int size) {
        double square = 0;
        for (int i = from; i < from + size; i++) {
            square += (double) latents[i] * latents[i];
        }
        if (square > 1) {
            double scale = LONGEST / Math.sqrt(square);
            for (int i = from; i < from + size; i++) {
                latents[i] = (float) (latents[i] * scale);
            }
        }
    }

    static boolean isOnBound(float[] z) {
        return Observations.squaredNorm(z) > LONGEST * LONGEST - ROUNDING;
    }

    @Override
    public void close() {
        // The caller's.
    }
}
