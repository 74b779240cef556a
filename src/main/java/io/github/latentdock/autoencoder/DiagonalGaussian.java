package io.github.latentdock.autoencoder;

import java.util.Arrays;

/** A Gaussian whose values are independent: for latents too large for a covariance, such as maps. */
final class DiagonalGaussian implements LatentDensity {

    private final double[] mean;
    private final double[] deviation;

    private DiagonalGaussian(double[] mean, double[] deviation) {
        this.mean = mean;
        this.deviation = deviation;
    }

    static DiagonalGaussian of(double[] mean, double[] deviation) {
        return new DiagonalGaussian(mean, deviation);
    }

    double[] mean() {
        return mean;
    }

    double[] deviation() {
        return deviation;
    }

    /** The closed-form fit to codes {@code [n * d]}: means and variances, with a ridge as that of {@link Gaussian}. */
    static DiagonalGaussian fit(float[] codes, int d) {
        int n = Columns.rows(codes, d);
        var mean = new double[d];
        for (int i = 0; i < codes.length; i++) {
            mean[i % d] += codes[i];
        }
        for (int j = 0; j < d; j++) {
            mean[j] /= n;
        }
        var variance = new double[d];
        for (int i = 0; i < codes.length; i++) {
            double difference = codes[i] - mean[i % d];
            variance[i % d] += difference * difference / n;
        }
        double ridge = Gaussian.ridge(mean, variance);
        var deviation = new double[d];
        Arrays.setAll(deviation, j -> StrictMath.sqrt(variance[j] + ridge));
        return new DiagonalGaussian(mean, deviation);
    }

    @Override
    public int size() {
        return mean.length;
    }

    @Override
    public float[] sample(long firstRow, int count, double temperature, long seed) {
        SeededNoise.requireTemperature(temperature);
        return SeededNoise.rows(firstRow, count, size(), seed, (noise, latents, offset) -> {
            for (int j = 0; j < mean.length; j++) {
                latents[offset + j] = (float) (mean[j] + temperature * deviation[j] * noise.normal());
            }
        });
    }

    @Override
    public double[] logDensity(float[] latents) {
        double[][] columns = Columns.of(latents, size());
        var density = new double[columns[0].length];
        for (int j = 0; j < mean.length; j++) {
            double scale = -0.5 * Gaussian.LOG_TWO_PI - StrictMath.log(deviation[j]);
            for (int i = 0; i < density.length; i++) {
                double z = (columns[j][i] - mean[j]) / deviation[j];
                density[i] += scale - 0.5 * z * z;
            }
        }
        return density;
    }
}
