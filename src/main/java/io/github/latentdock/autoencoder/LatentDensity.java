package io.github.latentdock.autoencoder;

/**
 * A distribution of latents to draw new ones from: the prior of a VAE, or what was fitted to a model's codes where an
 * autoencoder or auto-decoder has no prior that means anything (Ghosh et al. 2020, "From variational to deterministic
 * autoencoders", section 4). Immutable; any number of threads may use one.
 *
 * <p>Fits and samples are the same to the bit on every machine.
 */
public sealed interface LatentDensity permits StandardNormal, UniformBall, Gaussian, DiagonalGaussian, GaussianMixture {

    /** Latents with more values are fitted as if their values were independent: a covariance would take minutes and gigabytes. */
    int MOST_CORRELATED = 1024;

    /** The prior N(0, I) of latents with {@code size} values. */
    static LatentDensity standardNormal(int size) {
        return new StandardNormal(size);
    }

    /** Uniform in the unit ball, for latents with {@code size} values that were kept in it ({@link UnitBall}). */
    static LatentDensity unitBall(int size) {
        return new UniformBall(size);
    }

    /**
     * A Gaussian with a full covariance: the codes' mean and covariance, with a millionth of the mean variance added to every
     * direction, so that fewer codes than dimensions and constant dimensions are welcome. Of latents with more than
     * {@value #MOST_CORRELATED} values, variances only. Of codes so many that a covariance would take more than seconds, some are used,
     * evenly spaced.
     *
     * @param codes {@code [n, size]}, row-major, n at least 1
     * @throws IllegalArgumentException when there are no codes, no whole rows, or a value is not finite
     */
    static LatentDensity gaussian(float[] codes, int size) {
        require(codes, size);
        return size > MOST_CORRELATED
                ? DiagonalGaussian.fit(codes, size)
                : Gaussian.fit(Columns.of(codes, size, Gaussian.mostCodes(size)));
    }

    /**
     * A mixture of Gaussians with full covariances, fitted by expectation maximisation: a component for every
     * {@value MixtureFit#CODES_PER_DIMENSION} * size codes, at least 1 and at most {@value MixtureFit#MAX_COMPONENTS}. Of
     * more than {@value MixtureFit#MAX_CODES} codes that many are used, evenly spaced, and fewer where latents are large, so that
     * a fit takes seconds. Of latents with more than {@value #MOST_CORRELATED} values it is one Gaussian.
     *
     * @param codes {@code [n, size]}, row-major, n at least 1
     * @throws IllegalArgumentException when there are no codes, no whole rows, or a value is not finite
     */
    static LatentDensity mixture(float[] codes, int size) {
        return mixture(codes, size, Wanted.ALWAYS);
    }

    /**
     * The same, unless nobody wants it any more.
     *
     * @throws java.util.concurrent.CancellationException then
     */
    static LatentDensity mixture(float[] codes, int size, Wanted wanted) {
        if (size > MOST_CORRELATED) {
            return gaussian(codes, size);
        }
        require(codes, size);
        return MixtureFit.of(codes, size, wanted).mixture();
    }

    /** Values of one latent. */
    int size();

    /** The first {@code count} samples of a seed: {@link #sample(long, int, double, long)} from row 0. */
    default float[] sample(int count, double temperature, long seed) {
        return sample(0, count, temperature, seed);
    }

    /**
     * Draws latents. Sample i depends on the seed and on i only, however the samples are batched.
     *
     * @param firstRow index of the first sample
     * @param temperature scales the standard deviation, of a mixture that of its components; 0 gives means. In the ball it scales
     *     distances from the centre
     * @return {@code [count, size]}, row-major
     * @throws IllegalArgumentException when the temperature is negative or not finite, or the count negative
     */
    float[] sample(long firstRow, int count, double temperature, long seed);

    /**
     * The logarithm of the density, in nats.
     *
     * @param latents {@code [n, size]}, row-major
     * @return {@code [n]}
     * @throws IllegalArgumentException when the values are no whole rows
     */
    double[] logDensity(float[] latents);

    private static void require(float[] codes, int size) {
        if (Columns.rows(codes, size) == 0) {
            throw new IllegalArgumentException("no codes to fit a density to");
        }
        for (int i = 0; i < codes.length; i++) {
            if (!Float.isFinite(codes[i])) {
                throw new IllegalArgumentException("code %d has the value %s".formatted(i / size, codes[i]));
            }
        }
    }
}
