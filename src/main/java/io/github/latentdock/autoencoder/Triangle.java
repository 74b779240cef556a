package io.github.latentdock.autoencoder;

import java.util.Arrays;

/** Lower triangular matrices, row i of i + 1 values: a symmetric matrix's lower half, or its Cholesky factor. */
final class Triangle {

    private Triangle() {}

    static double[][] zero(int size) {
        var lower = new double[size][];
        for (int i = 0; i < size; i++) {
            lower[i] = new double[i + 1];
        }
        return lower;
    }

    /** Row by row. */
    static double[] flat(double[][] lower) {
        return Arrays.stream(lower).flatMapToDouble(Arrays::stream).toArray();
    }

    /** What {@link #flat} makes flat. */
    static double[][] of(double[] flat, int size) {
        double[][] lower = zero(size);
        int at = 0;
        for (double[] row : lower) {
            System.arraycopy(flat, at, row, 0, row.length);
            at += row.length;
        }
        return lower;
    }

    /**
     * The Cholesky factor.
     *
     * @throws ArithmeticException when the matrix is not positive definite
     */
    static double[][] factor(double[][] symmetric) {
        int size = symmetric.length;
        double[][] factor = zero(size);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = symmetric[i][j];
                for (int l = 0; l < j; l++) {
                    sum -= factor[i][l] * factor[j][l];
                }
                if (j < i) {
                    factor[i][j] = sum / factor[j][j];
                } else if (sum > 0) {
                    factor[i][i] = StrictMath.sqrt(sum);
                } else {
                    throw new ArithmeticException("not positive definite: pivot %d is %s".formatted(i, sum));
                }
            }
        }
        return factor;
    }

    /** The inverse of a lower triangular matrix. */
    static double[][] inverse(double[][] lower) {
        int size = lower.length;
        double[][] inverse = zero(size);
        for (int j = 0; j < size; j++) {
            inverse[j][j] = 1 / lower[j][j];
            for (int i = j + 1; i < size; i++) {
                double sum = 0;
                for (int l = j; l < i; l++) {
                    sum -= lower[i][l] * inverse[l][j];
                }
                inverse[i][j] = sum / lower[i][i];
            }
        }
        return inverse;
    }

    /** The logarithm of the determinant of a lower triangular matrix. */
    static double logDeterminant(double[][] lower) {
        double sum = 0;
        for (int i = 0; i < lower.length; i++) {
            sum += StrictMath.log(lower[i][i]);
        }
        return sum;
    }

    /** The squared Frobenius norm of the product of two lower triangular matrices. */
    static double squaredNormOfProduct(double[][] left, double[][] right) {
        double total = 0;
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int l = j; l <= i; l++) {
                    sum += left[i][l] * right[l][j];
                }
                total += sum * sum;
            }
        }
        return total;
    }
}
