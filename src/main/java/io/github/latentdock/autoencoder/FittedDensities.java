package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Both densities that are fitted to a model's codes, as {@code density.safetensors} keeps them beside its weights, so that they need
 * not be fitted again.
 */
public record FittedDensities(LatentDensity gaussian, LatentDensity mixture) {

    /** The file's name. */
    public static final String FILE = "density.safetensors";

    private static final String WEIGHTS = "mixture.weights";

    /**
     * Fits both.
     *
     * @param codes {@code [n * size]}, n at least 1
     * @throws java.util.concurrent.CancellationException when nobody wants them any more
     */
    public static FittedDensities fit(float[] codes, int size, Wanted wanted) {
        return new FittedDensities(LatentDensity.gaussian(codes, size), LatentDensity.mixture(codes, size, wanted));
    }

    /** What fitting takes beside so many codes, at most: columns of doubles. */
    static long bytes(long count, int size) {
        return size > LatentDensity.MOST_CORRELATED
                ? 0
                : Double.BYTES * size * Math.min(count, Gaussian.mostCodes(size));
    }

    /**
     * Writes means {@code [k, size]} and Cholesky factors {@code [k, size (size + 1) / 2]}, row by row, of the one Gaussian and of the
     * mixture's k, whose weights are {@code [k]}; of latents too large for that, deviations {@code [1, size]} instead of factors.
     */
    public void write(Path file) {
        var tensors = new LinkedHashMap<String, Values>();
        put(tensors, "gaussian", List.of(gaussian));
        if (mixture instanceof GaussianMixture several) {
            put(tensors, "mixture", several.components());
            double[] weights = several.weights();
            var values = new float[weights.length];
            for (int c = 0; c < values.length; c++) {
                values[c] = (float) weights[c];
            }
            tensors.put(WEIGHTS, new Values(new int[] {values.length}, values));
        }
        Safetensors.write(file, tensors);
    }

    private static void put(
            SequencedMap<String, Values> tensors, String name, List<? extends LatentDensity> densities) {
        List<double[]> means = new ArrayList<>();
        List<double[]> spreads = new ArrayList<>();
        String spread = "factors";
        for (LatentDensity density : densities) {
            switch (density) {
                case Gaussian one -> {
                    means.add(one.mean());
                    spreads.add(Triangle.flat(one.factor()));
                }
                case DiagonalGaussian one -> {
                    means.add(one.mean());
                    spreads.add(one.deviation());
                    spread = "deviations";
                }
                case StandardNormal ignored -> throw new IllegalStateException("nothing was fitted");
                case UniformBall ignored -> throw new IllegalStateException("nothing was fitted");
                case GaussianMixture ignored -> throw new IllegalStateException("a mixture has no mixtures");
            }
        }
        tensors.put(name + ".means", values(means));
        tensors.put(name + "." + spread, values(spreads));
    }

    private static Values values(List<double[]> rows) {
        int width = rows.getFirst().length;
        var values = new float[rows.size() * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) rows.get(i / width)[i % width];
        }
        return new Values(new int[] {rows.size(), width}, values);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws InvalidModelException when it is none, or one of latents of another size
     */
    public static FittedDensities read(Path file, int size) {
        try (Safetensors tensors = Safetensors.open(file)) {
            LatentDensity gaussian = densities(tensors, "gaussian", size).getFirst();
            if (!tensors.entries().containsKey(WEIGHTS)) {
                return new FittedDensities(gaussian, gaussian);
            }
            List<Gaussian> components = densities(tensors, "mixture", size).stream()
                    .map(Gaussian.class::cast)
                    .toList();
            float[] weights = tensors.floats(WEIGHTS);
            var shares = new double[weights.length];
            for (int c = 0; c < shares.length; c++) {
                require(weights[c] > 0, WEIGHTS, "has a weight of %s; must be positive".formatted(weights[c]));
                shares[c] = weights[c];
            }
            require(
                    shares.length == components.size(),
                    WEIGHTS,
                    "has %d weights for %d components".formatted(shares.length, components.size()));
            return new FittedDensities(gaussian, new GaussianMixture(components, shares));
        }
    }

    private static List<LatentDensity> densities(Safetensors tensors, String name, int size) {
        float[] means = rows(tensors, name + ".means", size);
        boolean diagonal = tensors.entries().containsKey(name + ".deviations");
        int width = diagonal ? size : Math.toIntExact((long) size * (size + 1) / 2);
        String key = name + (diagonal ? ".deviations" : ".factors");
        float[] spreads = rows(tensors, key, width);
        int count = means.length / size;
        require(spreads.length == count * width, key, "has not as many rows as %s.means".formatted(name));
        List<LatentDensity> densities = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            double[] mean = row(means, c, size);
            double[] spread = row(spreads, c, width);
            densities.add(
                    diagonal ? DiagonalGaussian.of(mean, spread) : Gaussian.ofFactor(mean, Triangle.of(spread, size)));
        }
        return densities;
    }

    private static float[] rows(Safetensors tensors, String key, int width) {
        Safetensors.Entry entry = tensors.entries().get(key);
        require(
                entry != null && entry.shape().length == 2 && entry.shape()[0] > 0 && entry.shape()[1] == width,
                key,
                "is missing, or has not %d values a row".formatted(width));
        return tensors.floats(key);
    }

    private static double[] row(float[] values, int row, int width) {
        var copy = new double[width];
        for (int j = 0; j < width; j++) {
            copy[j] = values[row * width + j];
        }
        return copy;
    }

    private static void require(boolean holds, String key, String detail) {
        if (!holds) {
            throw new InvalidModelException(List.of(new Fault(FILE, "%s %s".formatted(key, detail))));
        }
    }
}
