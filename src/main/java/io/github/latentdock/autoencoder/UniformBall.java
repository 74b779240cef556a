package io.github.latentdock.autoencoder;

import java.util.Arrays;

/**
 * Uniform in the unit ball: all that is known of latents that were only kept in it. A direction is that of standard normal noise, and
 * a length the size-th root of a uniform number (Muller 1959).
 */
record UniformBall(int size) implements LatentDensity {

    UniformBall {
        if (size < 1) {
            throw new IllegalArgumentException("a latent has at least one value, not %d".formatted(size));
        }
    }

    /** The temperature scales lengths; what gets longer than 1 is cut. */
    @Override
    public float[] sample(long firstRow, int count, double temperature, long seed) {
        SeededNoise.requireTemperature(temperature);
        float[] drawn = SeededNoise.rows(firstRow, count, size, seed, (noise, latents, offset) -> {
            double[] direction = new double[size];
            double square = 0;
            for (int j = 0; j < size; j++) {
                direction[j] = noise.normal();
                square += direction[j] * direction[j];
            }
            double length = temperature * StrictMath.pow(noise.uniform(), 1.0 / size);
            double scale = square == 0 ? 0 : length / Math.sqrt(square);
            for (int j = 0; j < size; j++) {
                latents[offset + j] = (float) (scale * direction[j]);
            }
        });
        UnitBall.shorten(drawn, size);
        return drawn;
    }

    @Override
    public double[] logDensity(float[] latents) {
        double[][] columns = Columns.of(latents, size);
        var squares = new double[columns[0].length];
        for (double[] column : columns) {
            for (int i = 0; i < squares.length; i++) {
                squares[i] += column[i] * column[i];
            }
        }
        double inside = -logVolume(size);
        return Arrays.stream(squares)
                .map(square -> square <= 1 ? inside : Double.NEGATIVE_INFINITY)
                .toArray();
    }

    /** {@code V(d) = V(d - 2) * 2 pi / d}, from V(0) = 1 and V(1) = 2. */
    private static double logVolume(int size) {
        double log = size % 2 == 0 ? 0 : Math.log(2);
        for (int d = size % 2 + 2; d <= size; d += 2) {
            log += Math.log(2 * Math.PI / d);
        }
        return log;
    }
}
