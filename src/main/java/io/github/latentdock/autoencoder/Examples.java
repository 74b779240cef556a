package io.github.latentdock.autoencoder;

import java.util.Arrays;

/**
 * What a model learns from. Any number of threads may read at once. Rows are read one by one, so that a batch costs no more than
 * its values, however many examples there are.
 */
public interface Examples {

    int count();

    /** The shape of one example, such as {@code [1, 28, 28]}. */
    int[] shape();

    /** How many values an example has. */
    default int size() {
        return Arrays.stream(shape()).reduce(1, Math::multiplyExact);
    }

    /** The least that a value can be; minus infinity where that is not known. */
    float low();

    /** The most that a value can be; infinity where that is not known. */
    float high();

    /**
     * Writes the values of an example, 0 where one is missing.
     *
     * @param into takes {@code [input size]} from {@code offset}
     */
    void values(int row, float[] into, int offset);

    /**
     * Writes the values of some examples, one after the other.
     *
     * @param rows the first {@code count} of them
     * @param into takes {@code [count * input size]}
     */
    default void values(int[] rows, int count, float[] into) {
        int size = size();
        for (int i = 0; i < count; i++) {
            values(rows[i], into, i * size);
        }
    }

    /** Whether values may be missing. */
    boolean hasMask();

    /**
     * Writes 1 where a value was observed and 0 where it is missing.
     *
     * @param into takes {@code [input size]} from {@code offset}
     */
    void mask(int row, float[] into, int offset);

    /** Whether examples belong to groups: what a multi-level VAE learns from. */
    boolean hasGroups();

    /** The group of an example, 0 or more. */
    int group(int row);
}
