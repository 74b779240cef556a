package io.github.latentdock.autoencoder;

import java.util.Arrays;
import java.util.List;

/** A mixture of Gaussians with full covariances. */
final class GaussianMixture implements LatentDensity {

    /** Beneath the largest term by this much, a term is less than a double's last bit of the sum. */
    private static final double NEGLIGIBLE = -40;

    private final List<Gaussian> components;
    private final double[] logWeights;
    private final double[] cumulative;

    /** @param weights of the components: positive, adding up to one but for rounding */
    GaussianMixture(List<Gaussian> components, double[] weights) {
        this.components = List.copyOf(components);
        this.logWeights = Arrays.stream(weights).map(StrictMath::log).toArray();
        this.cumulative = weights.clone();
        for (int c = 1; c < cumulative.length; c++) {
            cumulative[c] += cumulative[c - 1];
        }
    }

    double[] weights() {
        return Arrays.stream(logWeights).map(StrictMath::exp).toArray();
    }

    List<Gaussian> components() {
        return components;
    }

    @Override
    public int size() {
        return components.getFirst().size();
    }

    @Override
    public float[] sample(long firstRow, int count, double temperature, long seed) {
        SeededNoise.requireTemperature(temperature);
        return SeededNoise.rows(firstRow, count, size(), seed, (noise, latents, offset) -> {
            double u = noise.uniform() * cumulative[cumulative.length - 1];
            int c = 0;
            while (c < cumulative.length - 1 && u >= cumulative[c]) {
                c++;
            }
            components.get(c).draw(noise, temperature, latents, offset);
        });
    }

    @Override
    public double[] logDensity(float[] latents) {
        double[][] columns = Columns.of(latents, size());
        return logDensity(columns, new double[components.size()][columns[0].length]);
    }

    /**
     * The E-step.
     *
     * @param columns {@code [d][n]}
     * @param logJoint {@code [k][n]}, receives log(weight * density) of every component
     * @return the logarithm of their sum over components, {@code [n]}
     */
    double[] logDensity(double[][] columns, double[][] logJoint) {
        int n = columns[0].length;
        var total = new double[n];
        var largest = new double[Columns.BLOCK];
        var scratch = new double[Columns.BLOCK];
        for (int from = 0; from < n; from += Columns.BLOCK) {
            int length = Math.min(Columns.BLOCK, n - from);
            Arrays.fill(largest, Double.NEGATIVE_INFINITY);
            for (int c = 0; c < logJoint.length; c++) {
                components.get(c).logDensity(columns, from, length, logJoint[c], from, scratch);
                raise(largest, logJoint[c], from, length, logWeights[c]);
            }
            for (int s = 0; s < length; s++) {
                total[from + s] = largest[s] + StrictMath.log(sumOfExponentials(logJoint, from + s, largest[s]));
            }
        }
        return total;
    }

    private static void raise(double[] largest, double[] logJoint, int from, int length, double logWeight) {
        for (int s = 0; s < length; s++) {
            logJoint[from + s] += logWeight;
            largest[s] = Math.max(largest[s], logJoint[from + s]);
        }
    }

    private static double sumOfExponentials(double[][] logJoint, int i, double largest) {
        double sum = 0;
        for (double[] component : logJoint) {
            double difference = component[i] - largest;
            if (difference > NEGLIGIBLE) {
                sum += StrictMath.exp(difference);
            }
        }
        return sum;
    }
}
