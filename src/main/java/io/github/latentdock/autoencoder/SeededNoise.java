package io.github.latentdock.autoencoder;

/**
 * Random numbers of one row, that depend on a seed and the row's index and on nothing else: neither on how rows are batched nor
 * on the machine. SplitMix64 (Steele, Lea and Flood 2014) with a state hashed from seed and row, and the transform of Box and
 * Muller (1958) on {@link StrictMath}. {@link java.util.random.RandomGenerator} promises no such thing of its Gaussians.
 */
public final class SeededNoise {

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final double ULP = 0x1p-53;

    private long state;
    private double spare;
    private boolean hasSpare;

    SeededNoise(long seed, long row) {
        state = hash(hash(seed + GOLDEN_GAMMA) + row * GOLDEN_GAMMA);
    }

    /**
     * Standard normal noise.
     *
     * @param firstRow index of the first row, so that a batch may be drawn in parts
     * @return {@code [rows, size]}, row-major
     */
    public static float[] standardNormal(long firstRow, int rows, int size, long seed) {
        return rows(firstRow, rows, size, seed, (noise, values, offset) -> {
            for (int j = 0; j < size; j++) {
                values[offset + j] = (float) noise.normal();
            }
        });
    }

    /**
     * Draws from the posteriors of a VAE: {@code mean + exp(logVariance / 2) * eps} (Kingma and Welling 2014, equation 10).
     *
     * @param mean {@code [n, size]}, row-major
     * @param logVariance the logarithm of the variance, {@code [n, size]}
     * @param size values of one latent
     * @param firstRow index of the first row, so that a batch may be drawn in parts
     * @return latents {@code [n, size]}
     * @throws IllegalArgumentException when the lengths do not fit
     */
    public static float[] posterior(float[] mean, float[] logVariance, int size, long firstRow, long seed) {
        int n = Columns.rows(mean, size);
        if (logVariance.length != mean.length) {
            throw new IllegalArgumentException(
                    "%d log-variances for %d means".formatted(logVariance.length, mean.length));
        }
        return rows(firstRow, n, size, seed, (noise, latents, offset) -> {
            for (int j = offset; j < offset + size; j++) {
                latents[j] = (float) (mean[j] + StrictMath.exp(0.5 * logVariance[j]) * noise.normal());
            }
        });
    }

    /** Fills each row with its own noise. */
    static float[] rows(long firstRow, int rows, int size, long seed, Row row) {
        if (rows < 0 || size < 1) {
            throw new IllegalArgumentException("rows [%d, %d] cannot be drawn".formatted(rows, size));
        }
        var values = new float[Math.multiplyExact(rows, size)];
        for (int i = 0; i < rows; i++) {
            row.fill(new SeededNoise(seed, firstRow + i), values, i * size);
        }
        return values;
    }

    static void requireTemperature(double temperature) {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "temperature is %s, it must be finite and not negative".formatted(temperature));
        }
    }

    @FunctionalInterface
    interface Row {
        void fill(SeededNoise noise, float[] values, int offset);
    }

    /** Uniform in [0, 1), a multiple of 2<sup>-53</sup>. */
    double uniform() {
        return (next() >>> 11) * ULP;
    }

    /** Standard normal. */
    double normal() {
        if (hasSpare) {
            hasSpare = false;
            return spare;
        }
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform())); // 1 - u is never 0
        double angle = 2 * Math.PI * uniform();
        spare = radius * StrictMath.sin(angle);
        hasSpare = true;
        return radius * StrictMath.cos(angle);
    }

    private long next() {
        state += GOLDEN_GAMMA;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** MurmurHash3's finaliser: another mixture than that of the numbers, so that rows do not run into each other. */
    private static long hash(long z) {
        z = (z ^ (z >>> 33)) * 0xff51afd7ed558ccdL;
        z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return z ^ (z >>> 33);
    }
}
