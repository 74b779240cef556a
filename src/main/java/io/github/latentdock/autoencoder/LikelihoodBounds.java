package io.github.latentdock.autoencoder;

import java.util.Arrays;

/** Two bounds on the likelihood from the same draws, of which there are K per example: means over examples, in nats. */
final class LikelihoodBounds {

    private double weighted;
    private double plain;
    private int examples;

    /** @param logWeights an example's {@code log(p(x, z_k) / q(z_k | x))}, {@code [K]} */
    void add(double[] logWeights) {
        weighted += logMeanExp(logWeights);
        plain += Arrays.stream(logWeights).sum() / logWeights.length;
        examples++;
    }

    /** The mean of {@code log(1/K sum p(x, z_k) / q(z_k | x))} (Burda et al. 2016, equation 8). */
    double weighted() {
        return weighted / examples;
    }

    /** The mean of {@code 1/K sum log(p(x, z_k) / q(z_k | x))}, the ELBO. */
    double plain() {
        return plain / examples;
    }

    static double logMeanExp(double[] values) {
        double largest = Arrays.stream(values).max().orElse(0);
        if (Double.isInfinite(largest)) {
            return largest; // Else its difference from itself would be no number.
        }
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value - largest);
        }
        return largest + Math.log(sum / values.length);
    }
}
