package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/**
 * Levenberg-Marquardt (Moré 1978), for the likelihoods Fisher scoring: the Jacobian by finite differences from one decoding of
 * d + 1 latents, then four damped steps in one decoding, of which the best is taken. Needs no gradient from the decoder.
 */
final class LevenbergMarquardt implements Method {

    static final double DAMPING = 1e-2;

    private static final double DIFFERENCE = 1e-3;
    private static final double[] TRIED = {0.05, 0.5, 5, 100};
    private static final double MOST = 1e8;

    private final Observations x;
    private final double tolerance;
    private final int width;
    private final int size;
    private final DecoderBlock neighbours;
    private final DecoderBlock trials;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final Arena memory = Arena.ofConfined();
    private final Aligned weighted;
    private final float[] jacobian;
    private final float[] around;
    private final float[] decoded;
    private final float[] tried;

    LevenbergMarquardt(Autoencoder model, Shapes shapes, Observations x, double tolerance) {
        this.x = x;
        this.tolerance = tolerance;
        this.width = shapes.latentSize();
        this.size = shapes.inputSize();
        this.neighbours = new DecoderBlock(model, shapes, width + 1);
        this.trials = new DecoderBlock(model, shapes, TRIED.length);
        this.weighted = Aligned.allocate(memory, width * size);
        this.jacobian = new float[width * size];
        this.around = new float[(width + 1) * width];
        this.decoded = new float[(width + 1) * size];
        this.tried = new float[TRIED.length * size];
    }

    @Override
    public int rows() {
        return 1;
    }

    @Override
    public Search search(int example, StartPoints.Start start) {
        return new Search(example, start, null);
    }

    @Override
    public void advance(List<Search> searches) {
        searches.forEach(this::advance);
    }

    private void advance(Search search) {
        float[] z = search.latent();
        double[] gradient = linearise(search.example, z);
        double[][] curvature = curvature();
        double before = search.objective();
        double damping = search.damping;
        float[][] steps = new float[TRIED.length][];
        float[] block = new float[TRIED.length * width];
        for (int t = 0; t < TRIED.length; t++) {
            steps[t] = step(z, curvature, gradient, damping * TRIED[t]);
            System.arraycopy(steps[t], 0, block, t * width, width);
        }
        trials.decode(block, tried);
        // Until something is better: more damped than all that was tried.
        search.damping = Math.min(MOST, damping * 1000);
        for (int t = 0; t < TRIED.length; t++) {
            double objective = x.objective(search.example, tried, t * size, steps[t]);
            if (objective < search.objective()) {
                search.damping = Math.max(1e-9, damping * TRIED[t]);
            }
            search.found(steps[t], objective, tried, t * size);
        }
        double excess = before - x.floor(search.example);
        search.iterated(search.damping >= MOST
                || (search.objective() < before && before - search.objective() <= tolerance * excess));
    }

    /** The gradient; leaves in {@link #weighted} the Jacobian, its columns multiplied by the root of the curvature. */
    private double[] linearise(int example, float[] z) {
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

    private double[][] curvature() {
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

    private static float[] step(float[] z, double[][] curvature, double[] gradient, double damping) {
        int n = z.length;
        double mean = 0;
        for (int i = 0; i < n; i++) {
            mean += curvature[i][i] / n;
        }
        double[][] damped = Arrays.stream(curvature).map(double[]::clone).toArray(double[][]::new);
        for (int i = 0; i < n; i++) {
            damped[i][i] += damping * mean + 1e-12;
        }
        double[] change = Vectors.solve(damped, gradient);
        float[] moved = new float[n];
        for (int i = 0; i < n; i++) {
            moved[i] = (float) (z[i] - change[i]);
        }
        return moved;
    }

    @Override
    public void close() {
        neighbours.close();
        trials.close();
        manager.close();
        memory.close();
    }
}
