package io.github.latentdock.autoencoder;

import java.util.Arrays;

/** The prior of a VAE. */
record StandardNormal(int size) implements LatentDensity {

    StandardNormal {
        if (size < 1) {
            throw new IllegalArgumentException("a latent has at least one value, not %d".formatted(size));
        }
    }

    @Override
    public float[] sample(long firstRow, int count, double temperature, long seed) {
        SeededNoise.requireTemperature(temperature);
        return SeededNoise.rows(firstRow, count, size, seed, (noise, latents, offset) -> {
            for (int j = 0; j < size; j++) {
                latents[offset + j] = (float) (temperature * noise.normal());
            }
        });
    }

    @Override
    public double[] logDensity(float[] latents) {
        double[][] columns = Columns.of(latents, size);
        var density = new double[columns[0].length];
        Arrays.fill(density, -0.5 * size * Gaussian.LOG_TWO_PI);
        for (double[] column : columns) {
            for (int i = 0; i < density.length; i++) {
                density[i] -= 0.5 * column[i] * column[i];
            }
        }
        return density;
    }
}
