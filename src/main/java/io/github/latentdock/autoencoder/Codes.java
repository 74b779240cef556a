package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Latents that are likely, with their decodings: training codes, or draws from the prior where there are none. They are decoded once
 * and kept natively, {@code 8 * (codes + latent size) * input size} bytes at most.
 */
final class Codes implements AutoCloseable {

    private static final int MOST = 1024;
    private static final int DRAWS = 512;
    private static final long MOST_BYTES = 128L << 20;
    /** Of the mean squared decoding: what little is known of each direction counts little. */
    private static final double RIDGE = 0.01;

    /** @param slopes {@code [input size, latent size]}
     * @param offset {@code [1, latent size]} */
    private record Regression(NDArray slopes, NDArray offset) {}

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final Shapes shapes;
    private final float[][] codes;
    private final NDArray decoded;
    private final NDArray decodedTransposed;
    private final NDArray squaresTransposed;
    private final NDArray squaredNorms;
    private final @Nullable Regression regression;
    private final float[] deviations;

    /**
     * @param given training codes {@code [k][latent size]}; null where there are none
     * @param mostRows how many are decoded together
     */
    Codes(Autoencoder model, Shapes shapes, float @Nullable [][] given, int mostRows) {
        this.shapes = shapes;
        try {
            this.codes = choose(given, shapes);
            this.deviations = deviations();
            this.decoded = decodeAll(model, Math.min(64, mostRows));
            this.decodedTransposed = decoded.transpose();
            NDArray squares = decoded.square();
            this.squaresTransposed = squares.transpose();
            this.squaredNorms = squares.sum(new int[] {1}).reshape(1, codes.length);
            this.regression = model.hasEncoder() ? null : regress();
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    /** The last of them is the mean: of the training codes, or of the prior. */
    private static float[][] choose(float @Nullable [][] given, Shapes shapes) {
        int most = Math.clamp(MOST_BYTES / (8L * shapes.inputSize()), 16, MOST) - 1;
        float[] mean = new float[shapes.latentSize()];
        if (given == null || given.length == 0) {
            float[][] draws = new float[Math.min(most, DRAWS) + 1][];
            RandomGenerator random = random(0);
            Arrays.setAll(draws, k -> draw(mean.length, random));
            draws[draws.length - 1] = mean;
            return draws;
        }
        int count = Math.min(most, given.length);
        float[][] chosen = new float[count + 1][];
        for (int k = 0; k < count; k++) {
            // Evenly spaced: their order may mean something.
            chosen[k] = given[(int) ((long) k * given.length / count)];
            for (int i = 0; i < mean.length; i++) {
                mean[i] += chosen[k][i] / count;
            }
        }
        chosen[count] = mean;
        return chosen;
    }

    static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    private static float[] draw(int size, RandomGenerator random) {
        float[] draw = new float[size];
        for (int i = 0; i < size; i++) {
            draw[i] = (float) random.nextGaussian();
        }
        return draw;
    }

    private float[] deviations() {
        float[] deviations = new float[shapes.latentSize()];
        for (int i = 0; i < deviations.length; i++) {
            double squares = 0;
            for (float[] code : codes) {
                squares += Math.pow(code[i] - mean()[i], 2);
            }
            deviations[i] = (float) Math.sqrt(squares / codes.length);
        }
        return deviations;
    }

    private NDArray decodeAll(Autoencoder model, int rows) {
        NDArray all = manager.zeros(new Shape(codes.length, shapes.inputSize()));
        for (int from = 0; from < codes.length; from += rows) {
            int to = Math.min(codes.length, from + rows);
            try (NDManager pass = manager.newSubManager()) {
                NDArray z = pass.create(Arrays.copyOfRange(codes, from, to)).reshape(shapes.latents(to - from));
                NDArray x = model.decode(z).reshape(to - from, shapes.inputSize());
                all.set(new NDIndex("{}:{}", from, to), x);
            }
        }
        return all;
    }

    /** Ridge regression from decodings to codes, in the smaller of its two forms. */
    private Regression regress() {
        try (NDManager pass = manager.newSubManager()) {
            NDArray x = decoded.toType(DataType.FLOAT64, true);
            x.attach(pass);
            NDArray centred = x.sub(x.mean(new int[] {0}, true));
            NDArray z = pass.create(codes).toType(DataType.FLOAT64, false);
            NDArray targets = z.sub(z.mean(new int[] {0}, true));
            NDArray transposed = centred.transpose();
            boolean dual = codes.length < shapes.inputSize();
            NDArray gram = dual ? centred.matMul(transposed) : transposed.matMul(centred);
            long size = gram.getShape().get(0);
            double weight = RIDGE
                    * gram.mul(pass.eye((int) size).toType(DataType.FLOAT64, false))
                            .sum()
                            .getDouble()
                    / size;
            NDArray inverse = gram.add(
                            pass.eye((int) size).toType(DataType.FLOAT64, false).mul(weight + 1e-6))
                    .inverse();
            NDArray slopes =
                    dual ? transposed.matMul(inverse).matMul(targets) : inverse.matMul(transposed.matMul(targets));
            NDArray offset =
                    z.mean(new int[] {0}, true).sub(x.mean(new int[] {0}, true).matMul(slopes));
            var regression =
                    new Regression(slopes.toType(DataType.FLOAT32, true), offset.toType(DataType.FLOAT32, true));
            regression.slopes.attach(manager);
            regression.offset.attach(manager);
            return regression;
        }
    }

    int size() {
        return codes.length;
    }

    float[] code(int index) {
        return codes[index];
    }

    /** The mean code; zero where no codes were given. */
    private float[] mean() {
        return codes[codes.length - 1];
    }

    /** A Gaussian with the codes' mean and variances. */
    float[] draw(RandomGenerator random) {
        float[] draw = draw(shapes.latentSize(), random);
        for (int i = 0; i < draw.length; i++) {
            draw[i] = mean()[i] + deviations[i] * draw[i];
        }
        return draw;
    }

    /** The decoding of a code. */
    void decoding(int index, float[] into) {
        decoded.toByteBuffer(true).asFloatBuffer().get(index * shapes.inputSize(), into);
    }

    /**
     * How far each decoding is from some examples on what was observed of them.
     *
     * @param x {@code [rows, input size]}, 0 where not observed
     * @param mask {@code [rows, input size]}, 1 where observed; null where all was
     * @return {@code [rows, codes]}: the squared distances, less a number that is the same for a row
     */
    NDArray distances(NDArray x, @Nullable NDArray mask) {
        NDArray norms = mask == null ? squaredNorms : mask.matMul(squaresTransposed);
        return x.matMul(decodedTransposed).mul(-2).add(norms);
    }

    /** Whether {@link #regress(NDArray)} can be asked: where no encoder does it better. */
    boolean regresses() {
        return regression != null;
    }

    /** Latents by ridge regression.
     *
     * @param x {@code [rows, input size]}
     * @return latents {@code [rows, latent size]} */
    NDArray regress(NDArray x) {
        if (regression == null) {
            throw new IllegalStateException("the encoder knows better");
        }
        return x.matMul(regression.slopes).add(regression.offset);
    }

    @Override
    public void close() {
        manager.close();
    }
}
