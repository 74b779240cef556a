package io.github.latentdock.autoencoder;

import java.util.Arrays;

/** A Gaussian with a full covariance. */
final class Gaussian implements LatentDensity {

    static final double LOG_TWO_PI = StrictMath.log(2 * Math.PI);

    /** Variance that every direction keeps, as a share of the mean variance. */
    private static final double RIDGE = 1e-6;

    /** The same as a share of the mean square, about float32's rounding: for codes that do not vary at all. */
    private static final double ROUNDING = 1e-12;

    private static final double TINY = 1e-30;

    /** Multiplications for a covariance, of up to {@link LatentDensity#MOST_CORRELATED} values. */
    private static final int MOST_WORK = 2_000_000_000;

    /** Of more codes, so many are used, evenly spaced: others would take memory and change nothing that matters. */
    private static final int MOST_CODES = 100_000;

    private final double[] mean;
    private final double[][] factor;
    private final double[][] inverse;
    private final double[] shift; // inverse * mean
    private final double logScale; // the logarithm of the density at the mean

    /** @param covariance its lower triangle */
    Gaussian(double[] mean, double[][] covariance) {
        this(Triangle.factor(covariance), mean);
    }

    private Gaussian(double[][] factor, double[] mean) {
        this.mean = mean;
        this.factor = factor;
        this.inverse = Triangle.inverse(factor);
        this.shift = new double[mean.length];
        for (int i = 0; i < mean.length; i++) {
            for (int j = 0; j <= i; j++) {
                shift[i] += inverse[i][j] * mean[j];
            }
        }
        this.logScale = -0.5 * mean.length * LOG_TWO_PI - Triangle.logDeterminant(factor);
    }

    /** @param factor the covariance's Cholesky factor */
    static Gaussian ofFactor(double[] mean, double[][] factor) {
        return new Gaussian(factor, mean);
    }

    double[] mean() {
        return mean;
    }

    double[][] factor() {
        return factor;
    }

    /** Of how many codes of so many values a covariance takes seconds. */
    static int mostCodes(int d) {
        return Math.clamp(MOST_WORK / (d * d), MixtureFit.MAX_CODES, MOST_CODES);
    }

    /** The closed-form fit to columns {@code [d][n]}: mean and covariance, with a ridge. */
    static Gaussian fit(double[][] columns) {
        double[] mean = Columns.mean(columns);
        return new Gaussian(mean, covariance(columns, mean));
    }

    /** The covariance (divided by n) of columns {@code [d][n]}, with the ridge that makes it positive definite. */
    static double[][] covariance(double[][] columns, double[] mean) {
        int d = columns.length;
        int n = columns[0].length;
        double[][] covariance = Triangle.zero(d);
        var scratch = new double[d];
        for (int i = 0; i < n; i++) {
            Columns.addOuter(covariance, columns, i, mean, 1.0 / n, scratch);
        }
        var variance = new double[d];
        Arrays.setAll(variance, j -> covariance[j][j]);
        double ridge = ridge(mean, variance);
        for (int j = 0; j < d; j++) {
            covariance[j][j] += ridge;
        }
        return covariance;
    }

    /** What is added to every direction's variance. */
    static double ridge(double[] mean, double[] variance) {
        int d = mean.length;
        double total = 0;
        double square = 0;
        for (int j = 0; j < d; j++) {
            total += variance[j] / d;
            square += mean[j] * mean[j] / d;
        }
        return RIDGE * total + ROUNDING * square + TINY;
    }

    @Override
    public int size() {
        return mean.length;
    }

    @Override
    public float[] sample(long firstRow, int count, double temperature, long seed) {
        SeededNoise.requireTemperature(temperature);
        return SeededNoise.rows(
                firstRow, count, size(), seed, (noise, latents, offset) -> draw(noise, temperature, latents, offset));
    }

    /** One latent into {@code latents} at {@code offset}. */
    void draw(SeededNoise noise, double temperature, float[] latents, int offset) {
        int d = mean.length;
        var eps = new double[d];
        for (int j = 0; j < d; j++) {
            eps[j] = noise.normal();
        }
        for (int i = 0; i < d; i++) {
            double sum = 0;
            for (int j = 0; j <= i; j++) {
                sum += factor[i][j] * eps[j];
            }
            latents[offset + i] = (float) (mean[i] + temperature * sum);
        }
    }

    @Override
    public double[] logDensity(float[] latents) {
        double[][] columns = Columns.of(latents, size());
        var density = new double[columns[0].length];
        var scratch = new double[Columns.BLOCK];
        for (int from = 0; from < density.length; from += Columns.BLOCK) {
            int length = Math.min(Columns.BLOCK, density.length - from);
            logDensity(columns, from, length, density, from, scratch);
        }
        return density;
    }

    /** The log-densities of the rows {@code from … from + length - 1} of {@code columns}, into {@code density} at {@code to}. */
    void logDensity(double[][] columns, int from, int length, double[] density, int to, double[] scratch) {
        Arrays.fill(density, to, to + length, logScale);
        for (int i = 0; i < mean.length; i++) {
            double[] row = inverse[i];
            Arrays.fill(scratch, 0, length, -shift[i]);
            int j = 0;
            for (; j + 3 <= i; j += 4) {
                addFour(scratch, length, from, row, columns, j);
            }
            for (; j <= i; j++) {
                addOne(scratch, length, from, row[j], columns[j]);
            }
            for (int s = 0; s < length; s++) {
                density[to + s] -= 0.5 * scratch[s] * scratch[s];
            }
        }
    }

    /** Four terms in one pass, so that memory traffic does not set the pace. */
    private static void addFour(double[] sum, int length, int from, double[] row, double[][] columns, int j) {
        double a0 = row[j];
        double a1 = row[j + 1];
        double a2 = row[j + 2];
        double a3 = row[j + 3];
        double[] x0 = columns[j];
        double[] x1 = columns[j + 1];
        double[] x2 = columns[j + 2];
        double[] x3 = columns[j + 3];
        for (int s = 0; s < length; s++) {
            sum[s] += a0 * x0[from + s] + a1 * x1[from + s] + a2 * x2[from + s] + a3 * x3[from + s];
        }
    }

    private static void addOne(double[] sum, int length, int from, double a, double[] x) {
        for (int s = 0; s < length; s++) {
            sum[s] += a * x[from + s];
        }
    }

    /**
     * {@code -(log |S| + tr(S^-1 P)) / 2} for this covariance S: what a conjugate prior around P says of it per observation
     * it is worth, without constants.
     *
     * @param priorFactor P's Cholesky factor
     */
    double logPrior(double[][] priorFactor) {
        return -Triangle.logDeterminant(factor) - 0.5 * Triangle.squaredNormOfProduct(inverse, priorFactor);
    }
}
