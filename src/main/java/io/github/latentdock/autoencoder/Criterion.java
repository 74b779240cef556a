package io.github.latentdock.autoencoder;

/** What a decoded value {@code y} costs where {@code x} was observed, with its derivatives in {@code y}. */
enum Criterion {
    /** {@code (y - x)^2}. */
    SQUARED_ERROR {
        @Override
        double value(double y, double x) {
            return (y - x) * (y - x);
        }

        @Override
        double slope(double y, double x) {
            return 2 * (y - x);
        }

        @Override
        double curvature(double y) {
            return 2;
        }

        @Override
        double floor(double x) {
            return 0;
        }
    },
    /** {@code (y - x)^2 / 2}: the negative log-likelihood of variance 1 without its constant. */
    GAUSSIAN {
        @Override
        double value(double y, double x) {
            return 0.5 * (y - x) * (y - x);
        }

        @Override
        double slope(double y, double x) {
            return y - x;
        }

        @Override
        double curvature(double y) {
            return 1;
        }

        @Override
        double floor(double x) {
            return 0;
        }
    },
    /** {@code -x ln y - (1 - x) ln(1 - y)}, the binary cross-entropy, with y kept 1e-6 away from 0 and 1. */
    BERNOULLI {
        @Override
        double value(double y, double x) {
            double p = inside(y);
            return -x * Math.log(p) - (1 - x) * Math.log1p(-p);
        }

        @Override
        double slope(double y, double x) {
            double p = inside(y);
            return (p - x) / (p * (1 - p));
        }

        @Override
        double curvature(double y) {
            double p = inside(y);
            return 1 / (p * (1 - p));
        }

        @Override
        double floor(double x) {
            return value(x, x);
        }

        private static double inside(double y) {
            return Math.clamp(y, 1e-6, 1 - 1e-6);
        }
    };

    abstract double value(double y, double x);

    /** The first derivative. */
    abstract double slope(double y, double x);

    /** The second derivative; of the likelihoods its expectation, the Fisher information. Never negative. */
    abstract double curvature(double y);

    /** The least that {@link #value} can be, whatever is decoded. */
    abstract double floor(double x);

    static Criterion of(LatentOptimizer.Loss loss, Likelihood likelihood) {
        return switch (loss) {
            case SQUARED -> SQUARED_ERROR;
            case LIKELIHOOD ->
                switch (likelihood) {
                    case GAUSSIAN -> GAUSSIAN;
                    case BERNOULLI -> BERNOULLI;
                };
        };
    }
}
