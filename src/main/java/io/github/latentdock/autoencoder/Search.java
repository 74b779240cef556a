package io.github.latentdock.autoencoder;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One descent from one start point, for one example, and the best that it found. */
final class Search {

    final int example;
    final @Nullable Descent descent;
    double damping = LevenbergMarquardt.DAMPING;

    private float[] latent;
    private float[] decoded;
    private double objective;
    private int iterations;
    private boolean converged;

    /** @param descent null for a solver that keeps nothing between iterations but its damping */
    Search(int example, StartPoints.Start start, @Nullable Descent descent) {
        this.example = example;
        this.latent = start.latent();
        this.decoded = start.decoded();
        this.objective = start.objective();
        this.descent = descent;
    }

    float[] latent() {
        return latent;
    }

    double objective() {
        return objective;
    }

    boolean converged() {
        return converged;
    }

    /** Keeps a latent if it is the best so far. */
    void found(float[] z, double value, float[] decodings, int offset) {
        if (value < objective) {
            objective = value;
            latent = z.clone();
            decoded = Arrays.copyOfRange(decodings, offset, offset + decoded.length);
        }
    }

    void iterated(boolean ends) {
        iterations++;
        converged = ends;
    }

    LatentOptimizer.Fit fit() {
        return new LatentOptimizer.Fit(latent, decoded, objective, iterations, converged);
    }
}
