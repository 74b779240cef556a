package io.github.latentdock.autoencoder;

import org.jspecify.annotations.Nullable;

/**
 * What is known of some examples, and what a decoding of one of them costs. A value that was not observed is never read.
 *
 * @param values {@code [n * size]}, row after row
 * @param mask of the same length: 1 = observed, 0 = not; null when all were
 * @param size values per example
 * @param prior the weight of {@code |z|^2}
 */
@SuppressWarnings("ArrayRecordComponent")
record Observations(float[] values, float @Nullable [] mask, int size, Criterion criterion, double prior) {

    int count() {
        return values.length / size;
    }

    boolean observed(int index) {
        return mask == null || mask[index] != 0;
    }

    /**
     * The objective of example {@code i}: the sum of the criterion over its observed values, and {@code prior * |z|^2}; infinity
     * where the decoder gave no number.
     *
     * @param decoded holds the decoding of {@code z} from {@code offset}
     */
    double objective(int i, float[] decoded, int offset, float[] z) {
        double sum = 0;
        for (int k = 0, index = i * size; k < size; k++, index++) {
            if (observed(index)) {
                sum += criterion.value(decoded[offset + k], values[index]);
            }
        }
        double objective = sum + prior * squaredNorm(z);
        return Double.isNaN(objective) ? Double.POSITIVE_INFINITY : objective;
    }

    /** Writes the derivative of the objective's first part in each decoded value. */
    void differentiate(int i, float[] decoded, float[] slopes, int offset) {
        for (int k = 0, index = i * size; k < size; k++, index++) {
            slopes[offset + k] = observed(index) ? (float) criterion.slope(decoded[offset + k], values[index]) : 0;
        }
    }

    /** The least that the objective of example {@code i} could be, if the decoder could give anything. */
    double floor(int i) {
        double sum = 0;
        for (int k = 0, index = i * size; k < size; k++, index++) {
            if (observed(index)) {
                sum += criterion.floor(values[index]);
            }
        }
        return sum;
    }

    /** Writes example {@code i}, with what was not observed taken from {@code decoded}. */
    void complete(int i, float[] decoded, float[] into, int offset) {
        for (int k = 0, index = i * size; k < size; k++, index++) {
            into[offset + k] = observed(index) ? values[index] : decoded[k];
        }
    }

    /** Writes what was observed of example {@code i}, 0 elsewhere, and the mask. */
    void observed(int i, float[] into, float[] maskInto, int offset) {
        for (int k = 0, index = i * size; k < size; k++, index++) {
            boolean known = observed(index);
            into[offset + k] = known ? values[index] : 0;
            maskInto[offset + k] = known ? 1 : 0;
        }
    }

    static double squaredNorm(float[] z) {
        double sum = 0;
        for (float v : z) {
            sum += (double) v * v;
        }
        return sum;
    }
}
