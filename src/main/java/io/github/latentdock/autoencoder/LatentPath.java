package io.github.latentdock.autoencoder;

/** A way from one latent to another. */
public enum LatentPath {
    /** The straight line. */
    LINEAR {
        @Override
        double[] weights(float[] from, float[] to, double t) {
            return new double[] {1 - t, t};
        }
    },

    /**
     * Spherical linear interpolation (Shoemake 1985; of latents White 2016, "Sampling generative networks"): latents of a
     * standard normal prior lie near a sphere, and the straight line leaves it for places the decoder has not seen. Where no
     * great circle is determined, as one end is zero or both lie on one line through zero, it is the straight line.
     */
    SPHERICAL {
        @Override
        double[] weights(float[] from, float[] to, double t) {
            double angle = angle(from, to);
            double sine = StrictMath.sin(angle);
            if (!(sine > SMALLEST_SINE)) {
                return LINEAR.weights(from, to, t);
            }
            return new double[] {StrictMath.sin((1 - t) * angle) / sine, StrictMath.sin(t * angle) / sine};
        }
    };

    /** Beneath this, float32's rounding decides the plane of the great circle; from here on arc and line are as good as one. */
    private static final double SMALLEST_SINE = 1e-5;

    /**
     * The latent at {@code t}: {@code from} itself at 0, {@code to} itself at 1.
     *
     * @param from {@code [d]}
     * @param to {@code [d]}
     * @param t in [0, 1]
     * @return {@code [d]}
     * @throws IllegalArgumentException when the ends differ in length or t is out of bounds
     */
    public float[] at(float[] from, float[] to, double t) {
        if (from.length != to.length) {
            throw new IllegalArgumentException(
                    "a path from %d values to %d has no middle".formatted(from.length, to.length));
        }
        if (!(t >= 0 && t <= 1)) {
            throw new IllegalArgumentException("t is %s, a path goes from 0 to 1".formatted(t));
        }
        if (t == 0) {
            return from.clone();
        }
        if (t == 1) {
            return to.clone();
        }
        double[] weights = weights(from, to, t);
        var latent = new float[from.length];
        for (int j = 0; j < latent.length; j++) {
            latent[j] = (float) (weights[0] * from[j] + weights[1] * to[j]);
        }
        return latent;
    }

    /**
     * Evenly spaced points of the way, both ends among them.
     *
     * @param from {@code [d]}
     * @param to {@code [d]}
     * @param steps how many points, at least 2
     * @return {@code [steps, d]}, row-major
     * @throws IllegalArgumentException when the ends differ in length or there are too few steps
     */
    public float[] points(float[] from, float[] to, int steps) {
        if (steps < 2) {
            throw new IllegalArgumentException("a path has at least 2 steps, its ends, not %d".formatted(steps));
        }
        var points = new float[Math.multiplyExact(steps, from.length)];
        for (int i = 0; i < steps; i++) {
            float[] point = at(from, to, (double) i / (steps - 1));
            System.arraycopy(point, 0, points, i * point.length, point.length);
        }
        return points;
    }

    /** The shares of both ends at {@code t}. */
    abstract double[] weights(float[] from, float[] to, double t);

    /** The angle between two vectors, exact also where the arc cosine is not (Kahan 2006); NaN where one is zero. */
    private static double angle(float[] from, float[] to) {
        double fromNorm = norm(from);
        double toNorm = norm(to);
        double difference = 0;
        double sum = 0;
        for (int j = 0; j < from.length; j++) {
            double a = from[j] / fromNorm;
            double b = to[j] / toNorm;
            difference += (a - b) * (a - b);
            sum += (a + b) * (a + b);
        }
        return 2 * StrictMath.atan2(StrictMath.sqrt(difference), StrictMath.sqrt(sum));
    }

    private static double norm(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        return StrictMath.sqrt(sum);
    }
}
