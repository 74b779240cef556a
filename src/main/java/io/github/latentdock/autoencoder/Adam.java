package io.github.latentdock.autoencoder;

/**
 * Adam (Kingma and Ba 2015) with a learning rate that falls to zero along half a cosine (Loshchilov and Hutter 2017). Takes all
 * of its steps.
 */
final class Adam implements Descent {

    private static final double LEARNING_RATE = 0.1;
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    private final float[] latent;
    private final double[] exact;
    private final double[] first;
    private final double[] second;
    private final int steps;
    private int step;

    Adam(float[] start, int steps) {
        this.latent = start.clone();
        this.exact = Vectors.toDoubles(start);
        this.first = new double[start.length];
        this.second = new double[start.length];
        this.steps = Math.max(1, steps);
    }

    @Override
    public float[] latent() {
        return latent;
    }

    @Override
    public void tell(double objective, double[] gradient) {
        double rate = LEARNING_RATE * 0.5 * (1 + Math.cos(Math.PI * step / steps));
        step++;
        double bias1 = 1 - Math.pow(BETA1, step);
        double bias2 = 1 - Math.pow(BETA2, step);
        for (int i = 0; i < exact.length; i++) {
            first[i] = BETA1 * first[i] + (1 - BETA1) * gradient[i];
            second[i] = BETA2 * second[i] + (1 - BETA2) * gradient[i] * gradient[i];
            exact[i] -= rate * (first[i] / bias1) / (Math.sqrt(second[i] / bias2) + EPSILON);
            latent[i] = (float) exact[i];
        }
    }

    @Override
    public boolean converged() {
        return step >= steps;
    }
}
