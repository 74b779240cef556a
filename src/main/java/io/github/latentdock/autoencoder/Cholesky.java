package io.github.latentdock.autoencoder;

import java.util.Arrays;

/**
 * A symmetric, positive definite matrix as the product of a triangular one and its transpose.
 *
 * @param lower {@code [n][n]}, of which the upper half means nothing
 */
@SuppressWarnings("ArrayRecordComponent")
record Cholesky(double[][] lower) {

    /** Factorises {@code matrix + damping * (mean of its diagonal) * identity}. */
    static Cholesky of(double[][] matrix, double damping) {
        int n = matrix.length;
        double mean = 0;
        for (int i = 0; i < n; i++) {
            mean += matrix[i][i] / n;
        }
        double[][] a = Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
        for (int i = 0; i < n; i++) {
            a[i][i] += damping * mean + 1e-12;
            for (int j = 0; j <= i; j++) {
                double sum = a[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= a[i][k] * a[j][k];
                }
                // Rounding may leave a singular matrix below zero.
                a[i][j] = i == j ? Math.sqrt(Math.max(sum, 1e-12 * mean + 1e-300)) : sum / a[j][j];
            }
        }
        return new Cholesky(a);
    }

    double[] solve(double[] b) {
        int n = b.length;
        double[] x = b.clone();
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                x[i] -= lower[i][k] * x[k];
            }
            x[i] /= lower[i][i];
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                x[i] -= lower[k][i] * x[k];
            }
            x[i] /= lower[i][i];
        }
        return x;
    }
}
