package io.github.latentdock.autoencoder;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * How large the reconstruction errors of held-out data are: what a new error is judged by, and where a threshold comes from.
 * Straight lines between the known quantiles, so that {@link #quantileOf} and {@link #threshold} undo each other.
 */
public final class ErrorQuantiles {

    private static final double[] PROBABILITIES = {0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1};

    private final double[] probabilities; // strictly ascending, in [0, 1]
    private final double[] errors; // ascending

    private ErrorQuantiles(double[] probabilities, double[] errors) {
        this.probabilities = probabilities;
        this.errors = errors;
    }

    /**
     * Quantiles as a manifest lists them.
     *
     * @param quantiles from a probability, written as a number such as {@code "0.95"}, to the error that this share of the
     *     held-out data does not exceed; in any order
     * @throws IllegalArgumentException when there are fewer than two, a probability is no number in [0, 1] or given twice,
     *     or the errors are not finite and ascending with the probabilities
     */
    public static ErrorQuantiles of(Map<String, Double> quantiles) {
        var sorted = new TreeMap<Double, Double>();
        quantiles.forEach((probability, error) -> {
            if (sorted.put(probability(probability), error) != null) {
                throw new IllegalArgumentException("error quantile %s is given twice".formatted(probability));
            }
        });
        if (sorted.size() < 2) {
            throw new IllegalArgumentException("%d error quantiles, at least 2 are needed".formatted(sorted.size()));
        }
        double last = 0;
        for (var quantile : sorted.entrySet()) {
            double error = quantile.getValue();
            if (!(error >= last && error < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("error quantile %s is %s, it must be finite and at least %s"
                        .formatted(quantile.getKey(), error, last));
            }
            last = error;
        }
        return new ErrorQuantiles(unboxed(sorted.keySet()), unboxed(sorted.values()));
    }

    /**
     * The usual quantiles of some errors: minimum, 1, 5, 10, 25, 50, 75, 90, 95 and 99 %, maximum; between two errors on a
     * straight line (definition 7 of Hyndman and Fan 1996, NumPy's default).
     *
     * @param errors of held-out data, finite and not negative, at least one
     * @throws IllegalArgumentException when there is none, or one is negative or not finite
     */
    public static ErrorQuantiles measure(double[] errors) {
        double[] sorted = errors.clone();
        Arrays.sort(sorted);
        if (sorted.length == 0 || !(sorted[0] >= 0 && sorted[sorted.length - 1] < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "%d errors, there must be some, finite and not negative".formatted(errors.length));
        }
        var positions = new double[sorted.length];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = i;
        }
        return new ErrorQuantiles(
                PROBABILITIES.clone(),
                Arrays.stream(PROBABILITIES)
                        .map(p -> interpolate(positions, sorted, p * (sorted.length - 1)))
                        .toArray());
    }

    /** As a manifest lists them, ascending. */
    public SequencedMap<String, Double> toMap() {
        var map = new LinkedHashMap<String, Double>();
        for (int i = 0; i < probabilities.length; i++) {
            map.put(BigDecimal.valueOf(probabilities[i]).stripTrailingZeros().toPlainString(), errors[i]);
        }
        return map;
    }

    /**
     * The share of held-out data whose error is not larger: near 1 for an anomaly. Beyond the known quantiles it is the
     * outermost probability.
     *
     * @throws IllegalArgumentException when the error is NaN
     */
    public double quantileOf(double error) {
        if (Double.isNaN(error)) {
            throw new IllegalArgumentException("the error is NaN, it has no quantile");
        }
        return interpolate(errors, probabilities, error);
    }

    /**
     * The error that a share {@code falseAlarmRate} of held-out data exceeds. What exceeds it is called anomalous.
     *
     * @throws IllegalArgumentException when the rate is not in [0, 1], or the quantile it needs lies beyond the known ones
     */
    public double threshold(double falseAlarmRate) {
        double probability = 1 - falseAlarmRate;
        double lowest = probabilities[0];
        double highest = probabilities[probabilities.length - 1];
        if (!(probability >= lowest && probability <= highest)) {
            throw new IllegalArgumentException("a false-alarm rate of %s needs the quantile %s, known are %s to %s"
                    .formatted(falseAlarmRate, probability, lowest, highest));
        }
        return interpolate(probabilities, errors, probability);
    }

    /** The value over {@code at} on the line through the points (x, y), level beyond its ends; of equal x the last counts. */
    private static double interpolate(double[] x, double[] y, double at) {
        int right = 0;
        while (right < x.length && x[right] <= at) {
            right++;
        }
        if (right == 0 || right == x.length) {
            return y[Math.clamp(right, 1, x.length) - 1];
        }
        double share = (at - x[right - 1]) / (x[right] - x[right - 1]);
        return y[right - 1] + share * (y[right] - y[right - 1]);
    }

    private static double probability(String written) {
        try {
            double probability = Double.parseDouble(written);
            if (probability >= 0 && probability <= 1) {
                return probability;
            }
        } catch (NumberFormatException e) {
            // told below, like a number out of bounds
        }
        throw new IllegalArgumentException("error quantile '%s' is no probability between 0 and 1".formatted(written));
    }

    private static double[] unboxed(Iterable<Double> values) {
        var builder = DoubleStream.builder();
        values.forEach(builder::add);
        return builder.build().toArray();
    }
}
