package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.lang.foreign.Arena;

/**
 * The objective around a latent to second order, as Gauss and Newton have it (for the likelihoods: Fisher scoring): the Jacobian by
 * finite differences from one decoding of d + 1 latents. Needs no gradient from the decoder.
 */
final class Linearization implements AutoCloseable {

    private static final double DIFFERENCE = 1e-3;
    private static final long MOST_VALUES = 1L << 26;

    private final Observations x;
    private final int width;
    private final int size;
    private final DecoderBlock neighbours;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final Arena memory = Arena.ofConfined();
    private final Aligned weighted;
    private final float[] jacobian;
    private final float[] around;
    private final float[] decoded;

    Linearization(Autoencoder model, Shapes shapes, Observations x) {
        this.x = x;
        this.width = shapes.latentSize();
        this.size = shapes.inputSize();
        try {
            if ((width + 1L) * size > MOST_VALUES) {
                throw new IllegalArgumentException(
                        "a Jacobian of %d values by %d latents is too large for finite differences"
                                .formatted(size, width));
            }
            this.jacobian = new float[width * size];
            this.around = new float[(width + 1) * width];
            this.decoded = new float[(width + 1) * size];
            this.weighted = Aligned.allocate(memory, width * size);
            this.neighbours = new DecoderBlock(model, shapes, width + 1);
        } catch (RuntimeException | Error e) {
            manager.close();
            memory.close();
            throw e;
        }
    }

    /** @return the gradient at {@code z}; {@link #curvature()} is then that at {@code z} too */
    double[] at(int example, float[] z) {
        for (int row = 0; row <= width; row++) {
            System.arraycopy(z, 0, around, row * width, width);
        }
        double[] differences = new double[width];
        for (int i = 0; i < width; i++) {
            int index = (i + 1) * width + i;
            around[index] += (float) (DIFFERENCE * Math.max(1, Math.abs(z[i])));
            differences[i] = (double) around[index] - z[i];
        }
        neighbours.decode(around, decoded);
        double[] gradient = new double[width];
        for (int k = 0; k < size; k++) {
            int index = example * size + k;
            boolean observed = x.observed(index);
            double slope = observed ? x.criterion().slope(decoded[k], x.values()[index]) : 0;
            double root = observed ? Math.sqrt(x.criterion().curvature(decoded[k])) : 0;
            for (int i = 0; i < width; i++) {
                double derivative = ((double) decoded[(i + 1) * size + k] - decoded[k]) / differences[i];
                gradient[i] += slope * derivative;
                jacobian[i * size + k] = (float) (root * derivative);
            }
        }
        for (int i = 0; i < width; i++) {
            gradient[i] += 2 * x.prior() * z[i];
        }
        weighted.write(jacobian, jacobian.length);
        return gradient;
    }

    /** The matrix of second derivatives {@code [d][d]}, without those of the decoder. */
    double[][] curvature() {
        float[] product = new float[width * width];
        try (NDManager pass = manager.newSubManager()) {
            NDArray j = weighted.array(pass, new Shape(width, size));
            DecoderBlock.read(j.matMul(j.transpose()), product);
        }
        double[][] curvature = new double[width][width];
        for (int i = 0; i < width; i++) {
            for (int k = 0; k < width; k++) {
                curvature[i][k] = product[i * width + k];
            }
            curvature[i][i] += 2 * x.prior();
        }
        return curvature;
    }

    @Override
    public void close() {
        neighbours.close();
        manager.close();
        memory.close();
    }
}
