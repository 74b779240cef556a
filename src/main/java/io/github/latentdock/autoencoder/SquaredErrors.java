package io.github.latentdock.autoencoder;

import java.util.Arrays;

/**
 * The mean squared error of each example over those of its values that were observed. Examples of which nothing was observed have
 * none.
 */
final class SquaredErrors {

    private final Examples examples;
    private final float[] mask;
    private final double[] errors;
    private int count;

    SquaredErrors(Examples examples) {
        this.examples = examples;
        this.mask = new float[examples.size()];
        this.errors = new double[examples.count()];
        Arrays.fill(mask, 1);
    }

    /**
     * Takes an example's.
     *
     * @param differences between the example and what is made of it, from {@code offset}; anything finite where a value is missing
     * @throws DivergedException when it is not finite
     */
    void add(int row, float[] differences, int offset) {
        if (examples.hasMask()) {
            examples.mask(row, mask, 0);
        }
        double sum = 0;
        double observed = 0;
        for (int i = 0; i < mask.length; i++) {
            double difference = mask[i] * differences[offset + i];
            sum += difference * difference;
            observed += mask[i];
        }
        if (!Double.isFinite(sum)) {
            throw new DivergedException("the reconstruction of example %d is not finite".formatted(row));
        }
        if (observed > 0) {
            errors[count] = sum / observed;
            count++;
        }
    }

    /** Those of all examples that have one. */
    double[] toArray() {
        return Arrays.copyOf(errors, count);
    }
}
