package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Examples less a mean, a block at a time. Missing values count as the mean, so they are 0. */
final class Centred {

    private static final int MOST_ROWS = 512;
    /** Of examples that are read together, 4 MB. */
    private static final int MOST_VALUES = 1 << 20;

    private final Examples examples;
    private final float[] mean; // [size]
    private final Wanted wanted;
    private final float[] block;
    private final float[] mask;

    Centred(Examples examples, float[] mean, Wanted wanted) {
        this.examples = examples;
        this.mean = mean;
        this.wanted = wanted;
        this.block = new float[blockRows() * mean.length];
        this.mask = new float[mean.length];
    }

    /** The mean of those values that are there, {@code [size]}; 0 where none is. */
    static float[] mean(Examples examples, Wanted wanted) {
        int size = examples.size();
        double[] sums = new double[size];
        double[] counts = new double[size];
        float[] values = new float[size];
        float[] mask = new float[size];
        Arrays.fill(mask, 1);
        for (int i = 0; i < examples.count(); i++) {
            if (i % MOST_ROWS == 0) {
                wanted.require();
            }
            examples.values(i, values, 0);
            if (examples.hasMask()) {
                examples.mask(i, mask, 0);
            }
            for (int j = 0; j < size; j++) {
                sums[j] += mask[j] * values[j];
                counts[j] += mask[j];
            }
        }
        float[] mean = new float[size];
        for (int j = 0; j < size; j++) {
            mean[j] = (float) (sums[j] / Math.max(1, counts[j]));
        }
        return mean;
    }

    int count() {
        return examples.count();
    }

    /** How many examples are read together. */
    int blockRows() {
        return Math.clamp(MOST_VALUES / mean.length, 1, MOST_ROWS);
    }

    @FunctionalInterface
    interface Block {

        /** @param x {@code [rows, size]}, of a manager that closes after this */
        void take(int from, int rows, NDArray x);
    }

    /** @throws java.util.concurrent.CancellationException when nobody wants them any more */
    void forEach(NDManager manager, Block each) {
        int size = mean.length;
        int most = blockRows();
        for (int from = 0; from < count(); from += most) {
            wanted.require();
            int rows = Math.min(most, count() - from);
            for (int i = 0; i < rows; i++) {
                read(from + i, i * size);
            }
            try (NDManager pass = manager.newSubManager()) {
                each.take(from, rows, NativeFloats.copy(block, rows * size, new Shape(rows, size), pass));
            }
        }
    }

    private void read(int row, int offset) {
        examples.values(row, block, offset);
        for (int j = 0; j < mean.length; j++) {
            block[offset + j] -= mean[j];
        }
        if (examples.hasMask()) {
            examples.mask(row, mask, 0);
            for (int j = 0; j < mean.length; j++) {
                block[offset + j] *= mask[j];
            }
        }
    }
}
