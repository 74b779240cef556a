package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
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

    private static final int OVERSAMPLING = 16;
    private static final int PASSES = 6;
    /** Of the largest variance: what float32's rounding makes up of dimensions that there are not. */
    private static final double ROUNDING = 1e-6;
    /** More examples would change nothing that matters. */
    private static final int MOST = 100_000;

    /** A subspace with the components in it: as it was, what a pass adds up, and what that is turned into. */
    static final int ARRAYS = 3;

    /** In one of the arrays, 64 MB, where the components are only to compare with: more is not worth it. */
    static final long MOST_COMPARED = 1 << 24;

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

    /** As many as there can be, of those that are asked for. */
    private static int count(int size, long examples, int most) {
        return (int) Math.min(Math.min(most, size), Math.min(MOST, examples));
    }

    private static int width(int size, long examples, int most) {
        return Math.min(size, count(size, examples, most) + OVERSAMPLING);
    }

    /** How many values each of the arrays has that {@link #fit} works with. There are {@link #ARRAYS} of them at a time. */
    static long values(int size, long examples, int most) {
        return (long) size * width(size, examples, most);
    }

    /**
     * @param most components; fewer where there are not so many examples or values
     * @throws java.util.concurrent.CancellationException when nobody wants them any more
     */
    static PrincipalComponents fit(Examples examples, int most, RandomGenerator random, Wanted wanted) {
        Examples used = EvenlySpaced.of(examples, MOST);
        float[] mean = Centred.mean(used, wanted);
        var centred = new Centred(used, mean, wanted);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                CompiledScript covariance = covariance(used.count(), manager);
                CompiledScript qr = compile("torch.linalg_qr(a, \"reduced\")", manager, 1);
                CompiledScript eigen = compile("torch.linalg_eigh(a, \"L\")", manager, 2)) {
            var shape = new Shape(examples.size(), width(examples.size(), examples.count(), most));
            NDArray basis = NativeFloats.fill(() -> (float) random.nextGaussian(), shape, manager);
            for (int i = 0; i < PASSES; i++) {
                try (NDManager pass = manager.newSubManager()) {
                    NDArray from = basis;
                    NDArray product = pass.zeros(shape);
                    centred.forEach(pass, (first, rows, x) -> covariance.run(new NDList(x, from, product)));
                    basis.close();
                    basis = qr.run(new NDList(product)).getFirst();
                    basis.attach(manager);
                }
            }
            return ritz(centred, mean, basis, count(examples.size(), examples.count(), most), eigen);
        }
    }

    /** Adds to the third argument what examples {@code [rows, size]} are of the covariance times a basis {@code [size, width]}. */
    private static CompiledScript covariance(int n, NDManager manager) {
        var script = new Script(List.of("x", "basis", "product"), false);
        String projected = script.assign("torch.div(torch.matmul(x, basis), %d)".formatted(n));
        // In place: an array of the basis's size is what there is to spare.
        String changed = script.assign("torch.addmm_(product, torch.t(x), %s, beta=1, alpha=1)".formatted(projected));
        return CompiledScript.compile(script.source(List.of(changed)), manager);
    }

    /** @param results how many of what the expression gives are wanted */
    private static CompiledScript compile(String expression, NDManager manager, int results) {
        var script = new Script(List.of("a"), false);
        String all = script.assign(expression);
        List<String> wanted = List.of(script.assign(all + "[0]"), script.assign(all + "[1]"));
        return CompiledScript.compile(script.source(wanted.subList(0, results)), manager);
    }

    /**
     * Rayleigh and Ritz: the eigenvectors within the subspace. In double precision, as rounding would else look like variance where
     * there is none.
     */
    private static PrincipalComponents ritz(Centred centred, float[] mean, NDArray basis, int k, CompiledScript eigen) {
        long width = basis.getShape().get(1);
        try (NDManager manager = basis.getManager().newSubManager()) {
            NDArray covariance = manager.zeros(new Shape(width, width), DataType.FLOAT64);
            centred.forEach(manager, (from, rows, x) -> {
                NDArray projected = x.matMul(basis).toType(DataType.FLOAT64, false);
                covariance.addi(projected.transpose().matMul(projected).div(centred.count()));
            });
            NDList pairs = eigen.run(new NDList(covariance));
            // They come in rising order.
            double[] values = pairs.get(0).toDoubleArray();
            double[] variances = new double[k];
            Arrays.setAll(variances, i -> Math.max(0, values[values.length - 1 - i]));
            NDArray largest = pairs.get(1).flip(1).get(new NDIndex(":, :{}", k)).toType(DataType.FLOAT32, false);
            float[] components = new float[Math.multiplyExact(mean.length, k)];
            NativeFloats.read(basis.matMul(largest), components);
            return new PrincipalComponents(mean, components, variances);
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
        var centred = new Centred(examples, mean, wanted);
        float[] projected = new float[centred.blockRows() * k];
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray basis = basis(manager);
            centred.forEach(manager, (from, rows, x) -> {
                NativeFloats.read(x.matMul(basis), projected);
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < width; j++) {
                        codes[(from + i) * width + j] = j < k && variances[j] > ROUNDING * variances[0]
                                ? (float) (projected[i * k + j] / Math.sqrt(variances[j]))
                                : (float) random.nextGaussian();
                    }
                }
            });
        }
        return codes;
    }

    /** The mean of {@link #errors}; 0 where there are none. */
    double error(Examples examples, Wanted wanted) {
        return Arrays.stream(errors(examples, wanted)).average().orElse(0);
    }

    /** The mean squared errors of examples that are told by their coordinates alone: of those of which something was observed. */
    double[] errors(Examples examples, Wanted wanted) {
        var errors = new SquaredErrors(examples);
        var centred = new Centred(examples, mean, wanted);
        float[] left = new float[centred.blockRows() * mean.length];
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray basis = basis(manager);
            NDArray back = basis.transpose();
            centred.forEach(manager, (from, rows, x) -> {
                NativeFloats.read(x.sub(x.matMul(basis).matMul(back)), left);
                for (int i = 0; i < rows; i++) {
                    errors.add(from + i, left, i * mean.length);
                }
            });
        }
        return errors.toArray();
    }

    private NDArray basis(NDManager manager) {
        return NativeFloats.copy(components, new Shape(mean.length, count()), manager);
    }
}
