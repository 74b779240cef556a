package io.github.latentdock.tensor;

import java.util.function.IntFunction;

/**
 * Scales a plane of numbers smoothly: every new value is a mean of the old ones around it, weighted by a triangle that
 * is as wide as two new pixels or two old ones, whichever is more. That is bilinear interpolation when scaling up, and
 * does not skip any value when scaling down: what Pillow calls {@code BILINEAR} and PyTorch {@code interpolate} with
 * {@code mode="bilinear", antialias=True}.
 */
final class Resampling {

    private final Weights[] columns;
    private final Weights[] rows;

    /** The old values that go into a new one, from {@code first} on. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Weights(int first, float[] weights) {

        float of(float[] line) {
            float sum = 0;
            for (int i = 0; i < weights.length; i++) {
                sum += weights[i] * line[first + i];
            }
            return sum;
        }
    }

    Resampling(int fromWidth, int fromHeight, int toWidth, int toHeight) {
        this.columns = weights(fromWidth, toWidth);
        this.rows = weights(fromHeight, toHeight);
    }

    /**
     * Scales one plane.
     *
     * @param source the old rows by their number, each asked for once
     * @return the new plane, {@code [height, width]}
     */
    float[] apply(int fromHeight, IntFunction<float[]> source) {
        float[][] narrowed = new float[columns.length][fromHeight];
        for (int y = 0; y < fromHeight; y++) {
            float[] row = source.apply(y);
            for (int x = 0; x < columns.length; x++) {
                narrowed[x][y] = columns[x].of(row);
            }
        }
        float[] plane = new float[rows.length * columns.length];
        for (int y = 0; y < rows.length; y++) {
            for (int x = 0; x < columns.length; x++) {
                plane[y * columns.length + x] = rows[y].of(narrowed[x]);
            }
        }
        return plane;
    }

    private static Weights[] weights(int from, int to) {
        double scale = (double) from / to;
        double reach = Math.max(scale, 1);
        var weights = new Weights[to];
        for (int i = 0; i < to; i++) {
            double centre = (i + 0.5) * scale;
            int first = Math.max(0, (int) Math.floor(centre - reach));
            int last = Math.min(from, (int) Math.ceil(centre + reach));
            double sum = 0;
            for (int j = first; j < last; j++) {
                sum += triangle((j + 0.5 - centre) / reach);
            }
            float[] shares = new float[last - first];
            for (int j = first; j < last; j++) {
                shares[j - first] = (float) (triangle((j + 0.5 - centre) / reach) / sum);
            }
            weights[i] = new Weights(first, shares);
        }
        return weights;
    }

    private static double triangle(double distance) {
        return Math.max(0, 1 - Math.abs(distance));
    }
}
