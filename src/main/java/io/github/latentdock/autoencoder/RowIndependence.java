package io.github.latentdock.autoencoder;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Whether a function of some rows gives each row the same answer to the last bit, wherever in the block it is and whatever the
 * other rows are. Libraries do not promise that: a matrix product may treat the last rows apart, an elementwise function the
 * last few numbers. But for one shape they always do the same, so trying it once tells.
 */
final class RowIndependence {

    @FunctionalInterface
    interface RowFunction {
        /** @param input {@code [rows * width]}
         * @return {@code [rows * any]} */
        float[] apply(float[] input);
    }

    private RowIndependence() {}

    static boolean holds(RowFunction function, int rows, int width) {
        RandomGenerator random = Codes.random(1);
        float[] row = draw(random, width);
        float[] expected = null;
        for (int position = 0; position < rows; position++) {
            float[] block = draw(random, rows * width);
            System.arraycopy(row, 0, block, position * width, width);
            float[] answer = function.apply(block);
            int size = answer.length / rows;
            float[] own = Arrays.copyOfRange(answer, position * size, (position + 1) * size);
            if (expected != null && !Arrays.equals(own, expected)) {
                return false;
            }
            expected = own;
        }
        return true;
    }

    /**
     * Whether larger blocks give every row what smaller ones give it.
     *
     * @param most rows of the larger ones, a multiple of the others'
     */
    static boolean agree(RowFunction small, int rows, RowFunction large, int most, int width) {
        float[] block = draw(Codes.random(1), most * width);
        float[] together = large.apply(block);
        int part = together.length / most * rows;
        for (int from = 0; from < most; from += rows) {
            float[] apart = small.apply(Arrays.copyOfRange(block, from * width, (from + rows) * width));
            int at = from / rows * part;
            if (!Arrays.equals(apart, 0, part, together, at, at + part)) {
                return false;
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
