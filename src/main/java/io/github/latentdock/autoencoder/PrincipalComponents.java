package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The principal components of examples, by subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4): passes over the
 * examples, batch by batch, whose memory does not depend on how many there are, nor on the square of their size. Missing values count
 * as the mean of those that are there.
 */
final class PrincipalComponents {

    static final int OVERSAMPLING = 16;
    private static final int PASSES = 6;
    private static final int MOST_ROWS = 512;
    /** Of examples that are read together, 4 MB. */
    private static final int MOST_VALUES = 1 << 20;
    /** Of the largest variance: what float32's rounding makes up of dimensions that there are not. */
    private static final double ROUNDING = 1e-6;
    /** More examples would change nothing that matters. */
    static final int MOST = 100_000;

    private final float[] mean; // [size]
    private final float[] components; // [size, k], orthonormal columns
    private final double[] variances; // [k], falling

    private PrincipalComponents(float[] mean, float[] components, double[] variances) {
        this.mean = mean;
        this.components = components;
        this.variances = variances;
    }

    int count() {
        return variances.length;
    }

    /**
     * @param most components; fewer where there are not so many examples or values
     * @throws java.util.concurrent.CancellationException when nobody wants them any more
     */
    static PrincipalComponents fit(Examples examples, int most, RandomGenerator random, Wanted wanted) {
        int size = examples.size();
        int n = Math.min(MOST, examples.count());
        int k = Math.min(most, Math.min(size, n));
        int width = Math.min(size, k + OVERSAMPLING);
        float[] mean = mean(examples, n, wanted);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                CompiledScript qr = compile("torch.linalg_qr(a, \"reduced\")", manager);
                CompiledScript eigen = compile("torch.linalg_eigh(a, \"L\")", manager)) {
            float[] start = new float[size * width];
            for (int i = 0; i < start.length; i++) {
                start[i] = (float) random.nextGaussian();
            }
            NDArray basis = NativeFloats.copy(start, new Shape(size, width), manager);
            for (int pass = 0; pass < PASSES; pass++) {
                basis = qr.run(new NDList(covariance(examples, n, mean, basis, wanted)))
                        .get(0);
            }
            // Rayleigh and Ritz: the eigenvectors within the subspace. They come in rising order.
            NDList pairs =
                    eigen.run(new NDList(basis.transpose().matMul(covariance(examples, n, mean, basis, wanted))));
            NDArray vectors = basis.matMul(pairs.get(1)).flip(1).get(new NDIndex(":, :{}", k));
            float[] values = pairs.get(0).toFloatArray();
            double[] variances = new double[k];
            Arrays.setAll(variances, i -> Math.max(0, values[width - 1 - i]));
            return new PrincipalComponents(mean, vectors.toFloatArray(), variances);
        }
    }

    private static CompiledScript compile(String expression, NDManager manager) {
        var script = new Script(List.of("a"), false);
        String pair = script.assign(expression);
        return CompiledScript.compile(
                script.source(List.of(script.assign(pair + "[0]"), script.assign(pair + "[1]"))), manager);
    }

    private static float[] mean(Examples examples, int n, Wanted wanted) {
        int size = examples.size();
        double[] sums = new double[size];
        double[] counts = new double[size];
        float[] values = new float[size];
        float[] mask = new float[size];
        Arrays.fill(mask, 1);
        for (int i = 0; i < n; i++) {
            if (i % MOST_ROWS == 0) {
                wanted.require();
            }
            examples.values(row(examples, n, i), values, 0);
            if (examples.hasMask()) {
                examples.mask(row(examples, n, i), mask, 0);
            }
            for (int j = 0; j < size; j++) {
                sums[j] += mask[j] * values[j];
                counts[j] += mask[j];
            }
        }
        float[] mean = new float[size];
        for (int j = 0; j < size; j++) {
            mean[j] = (float) (sums[j] / Math.max(1, counts[j]));
        }
        return mean;
    }

    /** The covariance times {@code basis [size, width]}. */
    private static NDArray covariance(Examples examples, int n, float[] mean, NDArray basis, Wanted wanted) {
        NDArray sum = basis.getManager().zeros(basis.getShape());
        int most = blockRows(mean.length);
        float[] centred = new float[most * mean.length];
        for (int from = 0; from < n; from += most) {
            wanted.require();
            int rows = Math.min(most, n - from);
            for (int i = 0; i < rows; i++) {
                centre(examples, row(examples, n, from + i), mean, centred, i * mean.length);
            }
            try (NDManager pass = basis.getManager().newSubManager()) {
                NDArray x = NativeFloats.copy(centred, rows * mean.length, new Shape(rows, mean.length), pass);
                sum.addi(x.transpose().matMul(x.matMul(basis)).div(n));
            }
        }
        return sum;
    }

    private static int blockRows(int size) {
        return Math.clamp(MOST_VALUES / size, 1, MOST_ROWS);
    }

    private static int row(Examples examples, int n, int i) {
        return (int) ((long) i * examples.count() / n);
    }

    private static void centre(Examples examples, int row, float[] mean, float[] into, int offset) {
        int size = mean.length;
        examples.values(row, into, offset);
        if (examples.hasMask()) {
            float[] mask = new float[size];
            examples.mask(row, mask, 0);
            for (int j = 0; j < size; j++) {
                into[offset + j] = mask[j] * (into[offset + j] - mean[j]);
            }
        } else {
            for (int j = 0; j < size; j++) {
                into[offset + j] -= mean[j];
            }
        }
    }

    /**
     * The examples' coordinates, each of variance 1.
     *
     * @param width of a code; where the examples have fewer dimensions the rest is standard normal
     * @return {@code [n * width]}
     */
    float[] whitened(Examples examples, int width, RandomGenerator random, Wanted wanted) {
        float[] codes = new float[Math.multiplyExact(examples.count(), width)];
        int k = count();
        float[] projected = new float[blockRows(mean.length) * k];
        forEachBatch(examples, wanted, (from, rows, x, basis) -> {
            NativeFloats.read(x.matMul(basis), projected);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < width; j++) {
                    codes[(from + i) * width + j] = j < k && variances[j] > ROUNDING * variances[0]
                            ? (float) (projected[i * k + j] / Math.sqrt(variances[j]))
                            : (float) random.nextGaussian();
                }
            }
        });
        return codes;
    }

    /** The mean squared error per observed value of examples that are told by their coordinates alone. */
    double error(Examples examples, Wanted wanted) {
        double[] sums = new double[2];
        float[] mask = new float[mean.length];
        Arrays.fill(mask, 1);
        float[] left = new float[blockRows(mean.length) * mean.length];
        forEachBatch(examples, wanted, (from, rows, x, basis) -> {
            NativeFloats.read(x.sub(x.matMul(basis).matMul(basis.transpose())), left);
            for (int i = 0; i < rows; i++) {
                if (examples.hasMask()) {
                    examples.mask(from + i, mask, 0);
                }
                for (int j = 0; j < mean.length; j++) {
                    double difference = mask[j] * left[i * mean.length + j];
                    sums[0] += difference * difference;
                    sums[1] += mask[j];
                }
            }
        });
        return sums[0] / Math.max(1, sums[1]);
    }

    @FunctionalInterface
    private interface Batch {

        /**
         * @param x centred {@code [rows, size]}
         * @param basis {@code [size, k]}
         */
        void take(int from, int rows, NDArray x, NDArray basis);
    }

    private void forEachBatch(Examples examples, Wanted wanted, Batch each) {
        int size = mean.length;
        int most = blockRows(size);
        float[] centred = new float[most * size];
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray basis = NativeFloats.copy(components, new Shape(size, count()), manager);
            for (int from = 0; from < examples.count(); from += most) {
                wanted.require();
                int rows = Math.min(most, examples.count() - from);
                for (int i = 0; i < rows; i++) {
                    centre(examples, from + i, mean, centred, i * size);
                }
                try (NDManager pass = manager.newSubManager()) {
                    NDArray x = NativeFloats.copy(centred, rows * size, new Shape(rows, size), pass);
                    each.take(from, rows, x, basis);
                }
            }
        }
    }
}
