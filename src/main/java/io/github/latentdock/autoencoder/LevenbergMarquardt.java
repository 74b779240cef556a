package io.github.latentdock.autoencoder;

import java.util.List;

/**
 * Levenberg-Marquardt (Moré 1978), for the likelihoods Fisher scoring: the Jacobian by finite differences from one decoding of
 * d + 1 latents, then four damped steps in one decoding, of which the best is taken. Needs no gradient from the decoder.
 */
final class LevenbergMarquardt implements Method {

    static final double DAMPING = 1e-2;

    private static final double[] TRIED = {0.05, 0.5, 5, 100};
    private static final double MOST = 1e8;

    private final Observations x;
    private final double tolerance;
    private final int width;
    private final int size;
    private final Linearization linearization;
    private final DecoderBlock trials;
    private final float[] tried;

    LevenbergMarquardt(Autoencoder model, Shapes shapes, Observations x, double tolerance) {
        this.x = x;
        this.tolerance = tolerance;
        this.width = shapes.latentSize();
        this.size = shapes.inputSize();
        this.tried = new float[TRIED.length * size];
        this.linearization = new Linearization(model, shapes, x);
        try {
            this.trials = new DecoderBlock(model, shapes, TRIED.length);
        } catch (RuntimeException | Error e) {
            linearization.close();
            throw e;
        }
    }

    @Override
    public int rows(int left) {
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
        double[] gradient = linearization.at(search.example, z);
        double[][] curvature = linearization.curvature();
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

    private static float[] step(float[] z, double[][] curvature, double[] gradient, double damping) {
        int n = z.length;
        double[] change = Cholesky.of(curvature, damping).solve(gradient);
        float[] moved = new float[n];
        for (int i = 0; i < n; i++) {
            moved[i] = (float) (z[i] - change[i]);
        }
        return moved;
    }

    @Override
    public void close() {
        linearization.close();
        trials.close();
    }
}
