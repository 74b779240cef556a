package io.github.latentdock.autoencoder;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the members of a group say together of the part of a multi-level VAE's latent that they share: the product of their Gaussians
 * (Bouchacourt et al. 2018, equation 8), whose precision is the sum of theirs.
 *
 * @param mean {@code [n * latent size]}, a group's members having the same values in the group's part
 * @param logVariance the same
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record GroupEvidence(float[] mean, float[] logVariance) {

    /**
     * Accumulates it.
     *
     * @param mean of each example's own posterior, {@code [n * size]}
     * @param logVariance the same
     * @param group how many of the first values of a latent are the group's
     * @param groups to which group each example belongs, {@code [n]}
     */
    public static GroupEvidence accumulate(
            float[] mean, float[] logVariance, int size, int group, List<Integer> groups) {
        Map<Integer, double[]> least = new HashMap<>();
        for (int row = 0; row < groups.size(); row++) {
            double[] smallest = least.computeIfAbsent(groups.get(row), ignored -> filled(group));
            for (int j = 0; j < group; j++) {
                smallest[j] = Math.min(smallest[j], logVariance[row * size + j]);
            }
        }
        Map<Integer, double[][]> sums = new HashMap<>();
        for (int row = 0; row < groups.size(); row++) {
            double[] smallest = least.getOrDefault(groups.get(row), new double[group]);
            double[][] sum = sums.computeIfAbsent(groups.get(row), ignored -> new double[2][group]);
            for (int j = 0; j < group; j++) {
                // A part of the group's largest precision, which may be too large for a number.
                double precision = Math.exp(smallest[j] - logVariance[row * size + j]);
                sum[0][j] += precision;
                sum[1][j] += precision * mean[row * size + j];
            }
        }
        float[] means = mean.clone();
        float[] logVariances = logVariance.clone();
        for (int row = 0; row < groups.size(); row++) {
            double[] smallest = least.getOrDefault(groups.get(row), new double[group]);
            double[][] sum = sums.getOrDefault(groups.get(row), new double[2][group]);
            for (int j = 0; j < group; j++) {
                means[row * size + j] = (float) (sum[1][j] / sum[0][j]);
                logVariances[row * size + j] = (float) (smallest[j] - Math.log(sum[0][j]));
            }
        }
        return new GroupEvidence(means, logVariances);
    }

    private static double[] filled(int count) {
        double[] values = new double[count];
        Arrays.fill(values, Double.POSITIVE_INFINITY);
        return values;
    }
}
