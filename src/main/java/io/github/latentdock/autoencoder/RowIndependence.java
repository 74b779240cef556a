package io.github.latentdock.autoencoder;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Whether a function of some rows gives each row the same answer to the last bit, wherever in the block it is and whatever the
 * other rows are. Libraries do not promise that: a matrix product may treat the last rows apart, an elementwise function the
 * last few numbers. But for one shape they always do the same, so trying some dozens of rows tells.
 */
final class RowIndependence {

    /** Where the kernels differ, only some numbers show it: one row in four or fewer, of the activations that were looked at. */
    private static final int DRAWS = 24;

    @FunctionalInterface
    interface RowFunction {
        /** @param input {@code [rows * width]}
         * @return {@code [rows * any]} */
        float[] apply(float[] input);
    }

    private RowIndependence() {}

    static boolean holds(RowFunction function, int rows, int width) {
        RandomGenerator random = Codes.random(1);
        for (int tried = 0; tried < DRAWS; tried += rows) {
            float[] block = draw(random, rows * width);
            float[] answer = function.apply(block);
            int size = answer.length / rows;
            for (int shift = 1; shift < rows; shift++) {
                // Every row in every other place.
                float[] shifted = function.apply(rotated(block, shift * width));
                if (!Arrays.equals(shifted, rotated(answer, shift * size))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static float[] rotated(float[] block, int by) {
        float[] rotated = new float[block.length];
        System.arraycopy(block, by, rotated, 0, block.length - by);
        System.arraycopy(block, 0, rotated, block.length - by, by);
        return rotated;
    }

    /**
     * Whether larger blocks give every row what smaller ones give it.
     *
     * @param most rows of the larger ones, a multiple of the others'
     */
    static boolean agree(RowFunction small, int rows, RowFunction large, int most, int width) {
        RandomGenerator random = Codes.random(2);
        for (int tried = 0; tried < DRAWS; tried += rows) {
            float[] block = draw(random, most * width);
            float[] together = large.apply(block);
            int part = together.length / most * rows;
            for (int from = 0; from < most; from += rows) {
                float[] apart = small.apply(Arrays.copyOfRange(block, from * width, (from + rows) * width));
                int at = from / rows * part;
                if (!Arrays.equals(apart, 0, part, together, at, at + part)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static float[] draw(RandomGenerator random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
