package io.github.latentdock.dataset;

import io.github.latentdock.dataset.Dataset.Statistics;

/** Counts, in one pass, what a dataset's statistics need. */
final class Moments {

    private long observed;
    private long missing;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    /** The first value: sums of what is left without it lose no digits. */
    private double origin;

    private double sum;
    private double squares;

    void add(double value) {
        if (observed == 0) {
            origin = value;
        }
        observed++;
        min = Math.min(min, value);
        max = Math.max(max, value);
        double rest = value - origin;
        sum += rest;
        squares += rest * rest;
    }

    void addMissing() {
        missing++;
    }

    long observed() {
        return observed;
    }

    long missing() {
        return missing;
    }

    /** @param scale by which all values are to be multiplied */
    Statistics statistics(double scale) {
        double rest = sum / observed;
        double variance = Math.max(0, squares / observed - rest * rest);
        // Rounding must not lift the mean over the greatest; adding zero makes -0 the usual one.
        return new Statistics(
                scale * Math.clamp(origin + rest, min, max) + 0.0,
                scale * Math.sqrt(variance),
                scale * min + 0.0,
                scale * max + 0.0,
                (double) missing / (observed + missing));
    }
}
