package io.github.latentdock.autoencoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Codes grouped by k-means: centres chosen as in k-means++ (Arthur and Vassilvitskii 2007) with a fixed seed, then Lloyd's
 * iterations. Only a start for EM, so a few iterations do.
 */
final class Clusters {

    private static final long SEED = 1;
    private static final int ITERATIONS = 10;

    private final double[][] columns; // [d][n]
    private final List<double[]> centres = new ArrayList<>();
    private final int[] nearest; // [n]
    private final double[] distance; // [n], squared, to the nearest centre
    private final double[] scratch;

    private Clusters(double[][] columns) {
        this.columns = columns;
        int n = columns[0].length;
        this.nearest = new int[n];
        this.distance = new double[n];
        this.scratch = new double[n];
    }

    /** A group in {@code 0 … k - 1} for every row of {@code columns}; fewer groups where fewer rows differ. */
    static int[] of(double[][] columns, int k) {
        var clusters = new Clusters(columns);
        clusters.choose(k);
        for (int i = 0; i < ITERATIONS && clusters.centres.size() > 1; i++) {
            clusters.move();
            clusters.assign();
        }
        return clusters.nearest;
    }

    private void choose(int k) {
        var noise = new SeededNoise(SEED, 0);
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        int next = (int) (noise.uniform() * nearest.length);
        while (true) {
            centres.add(row(next));
            compare(centres.size() - 1);
            double total = 0;
            for (double d : distance) {
                total += d;
            }
            if (centres.size() == k || total == 0) {
                return;
            }
            next = pick(noise.uniform() * total);
        }
    }

    /** The row at which the running sum of distances passes {@code u}; never one that is a centre already. */
    private int pick(double u) {
        double sum = 0;
        int last = 0;
        for (int i = 0; i < distance.length; i++) {
            if (distance[i] > 0) {
                sum += distance[i];
                last = i;
                if (sum > u) {
                    break;
                }
            }
        }
        return last;
    }

    private void assign() {
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        for (int c = 0; c < centres.size(); c++) {
            compare(c);
        }
    }

    /** Rows that are nearer to centre {@code c} than to any before become its own. */
    private void compare(int c) {
        Arrays.fill(scratch, 0);
        double[] centre = centres.get(c);
        for (int j = 0; j < columns.length; j++) {
            addSquares(scratch, columns[j], centre[j]);
        }
        for (int i = 0; i < scratch.length; i++) {
            if (scratch[i] < distance[i]) {
                distance[i] = scratch[i];
                nearest[i] = c;
            }
        }
    }

    private static void addSquares(double[] sum, double[] column, double centre) {
        for (int i = 0; i < sum.length; i++) {
            double difference = column[i] - centre;
            sum[i] += difference * difference;
        }
    }

    /** Centres to the means of their rows; one without rows stays where it is. */
    private void move() {
        var sizes = new int[centres.size()];
        for (int c : nearest) {
            sizes[c]++;
        }
        for (int j = 0; j < columns.length; j++) {
            var sums = new double[centres.size()];
            for (int i = 0; i < nearest.length; i++) {
                sums[nearest[i]] += columns[j][i];
            }
            for (int c = 0; c < sums.length; c++) {
                if (sizes[c] > 0) {
                    centres.get(c)[j] = sums[c] / sizes[c];
                }
            }
        }
    }

    private double[] row(int i) {
        var row = new double[columns.length];
        for (int j = 0; j < row.length; j++) {
            row[j] = columns[j][i];
        }
        return row;
    }
}
