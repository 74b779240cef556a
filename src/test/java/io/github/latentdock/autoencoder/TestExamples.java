package io.github.latentdock.autoencoder;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Examples in memory.
 *
 * @param values {@code [n * size]}
 * @param mask the same; null where nothing is missing
 * @param groups {@code [n]}; null for none
 */
@SuppressWarnings("ArrayRecordComponent")
record TestExamples(
        int[] shape, float[] values, float @Nullable [] mask, int @Nullable [] groups, float low, float high)
        implements Examples {

    static TestExamples of(float[] values, int... shape) {
        return new TestExamples(shape, values, null, null, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    /**
     * In [0, 1], with something to learn: each is the sigmoid of a mixture of three random patterns.
     *
     * @param seed other examples of the same patterns
     */
    static TestExamples patterns(int count, long seed, int... shape) {
        int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        float[][] patterns = {normal(size, 101), normal(size, 102), normal(size, 103)};
        float[] weights = normal(3 * count, seed);
        float[] values = new float[count * size];
        DoubleUnaryOperator sigmoid = a -> 1 / (1 + Math.exp(-a));
        for (int i = 0; i < values.length; i++) {
            double sum = 0;
            for (int k = 0; k < 3; k++) {
                sum += weights[i / size * 3 + k] * patterns[k][i % size];
            }
            values[i] = (float) sigmoid.applyAsDouble(sum);
        }
        return new TestExamples(shape, values, null, null, 0, 1);
    }

    static float[] normal(int count, long seed) {
        RandomGenerator random = random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** The same without some of the values. */
    TestExamples missing(double share, long seed) {
        RandomGenerator random = random(seed);
        float[] left = values.clone();
        float[] observed = new float[values.length];
        for (int i = 0; i < left.length; i++) {
            observed[i] = random.nextDouble() < share ? 0 : 1;
            left[i] *= observed[i];
        }
        return new TestExamples(shape, left, observed, groups, low, high);
    }

    TestExamples grouped(int count) {
        int[] numbers = new int[count()];
        Arrays.setAll(numbers, i -> i * 7 % count);
        return new TestExamples(shape, values, mask, numbers, low, high);
    }

    @Override
    public int count() {
        return values.length / size();
    }

    @Override
    public void values(int row, float[] into, int offset) {
        System.arraycopy(values, row * size(), into, offset, size());
    }

    @Override
    public boolean hasMask() {
        return mask != null;
    }

    @Override
    public void mask(int row, float[] into, int offset) {
        if (mask == null) {
            throw new IllegalStateException("nothing is missing");
        }
        System.arraycopy(mask, row * size(), into, offset, size());
    }

    @Override
    public boolean hasGroups() {
        return groups != null;
    }

    @Override
    public int group(int row) {
        if (groups == null) {
            throw new IllegalStateException("there are no groups");
        }
        return groups[row];
    }
}
