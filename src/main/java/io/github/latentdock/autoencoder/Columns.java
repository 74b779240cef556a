package io.github.latentdock.autoencoder;

/**
 * Rows {@code [n, d]} turned into columns {@code [d][n]}: sums over a row then run in index order for many rows at once, which
 * the compiler vectorises without changing a bit of the result.
 */
final class Columns {

    /** Rows that are worked on together: a block of 32 columns stays in the second-level cache. */
    static final int BLOCK = 256;

    private Columns() {}

    /** The number of rows in {@code values}. */
    static int rows(float[] values, int size) {
        if (size < 1 || values.length % size != 0) {
            throw new IllegalArgumentException("%d values are no rows of %d".formatted(values.length, size));
        }
        return values.length / size;
    }

    static double[][] of(float[] values, int size) {
        return of(values, size, Integer.MAX_VALUE);
    }

    /** At most so many of the rows, evenly spaced. */
    static double[][] of(float[] values, int size, int most) {
        int rows = rows(values, size);
        int n = Math.min(rows, most);
        var columns = new double[size][n];
        for (int i = 0; i < n; i++) {
            int from = (int) ((long) i * rows / n) * size;
            for (int j = 0; j < size; j++) {
                columns[j][i] = values[from + j];
            }
        }
        return columns;
    }

    /** The mean of every column. */
    static double[] mean(double[][] columns) {
        var mean = new double[columns.length];
        for (int j = 0; j < mean.length; j++) {
            double sum = 0;
            for (double value : columns[j]) {
                sum += value;
            }
            mean[j] = sum / columns[j].length;
        }
        return mean;
    }

    /** Adds {@code factor * (x - centre)(x - centre)^T} of row {@code i} to the lower triangle. */
    static void addOuter(
            double[][] lower, double[][] columns, int i, double[] centre, double factor, double[] scratch) {
        for (int j = 0; j < centre.length; j++) {
            scratch[j] = columns[j][i] - centre[j];
        }
        for (int j = 0; j < centre.length; j++) {
            double[] row = lower[j];
            double scaled = factor * scratch[j];
            for (int l = 0; l < row.length; l++) {
                row[l] += scaled * scratch[l];
            }
        }
    }
}
