package io.github.latentdock.registry;

/**
 * How the mean squared errors of reconstructed held-out examples are distributed: a share of {@code probabilities[i]} of them has
 * an error of at most {@code values[i]}.
 *
 * @param probabilities at least two, in [0, 1], rising
 * @param values as many, at least 0, never falling
 */
@SuppressWarnings("ArrayRecordComponent") // for interpolation; compared by nobody
public record ErrorQuantiles(double[] probabilities, double[] values) {}
