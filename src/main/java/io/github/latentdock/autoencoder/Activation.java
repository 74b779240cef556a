package io.github.latentdock.autoencoder;

/** Functions of single values. */
sealed interface Activation extends Layer {

    /** The function's TorchScript, {@code %s} standing for what comes in. */
    String function();

    @Override
    default int[] outputShape(int[] in, Site site) {
        return in;
    }

    @Override
    default String expression(String h, int[] in, Script.Scope scope) {
        return function().formatted(h);
    }

    /** Those without arguments. */
    enum Plain implements Activation {
        RELU("torch.relu(%s)"),
        SILU("torch.silu(%s)"),
        TANH("torch.tanh(%s)"),
        SIGMOID("torch.sigmoid(%s)");

        private final String function;

        Plain(String function) {
            this.function = function;
        }

        @Override
        public String function() {
            return function;
        }
    }

    /** {@code max(x, 0) + negative_slope min(x, 0)}. */
    record LeakyReLU(double negativeSlope) implements Activation {

        static LeakyReLU read(Arguments arguments) {
            return new LeakyReLU(arguments.number("negative_slope", 0.01, -Float.MAX_VALUE, Float.MAX_VALUE));
        }

        @Override
        public String function() {
            return "torch.leaky_relu(%s, " + negativeSlope + ")";
        }
    }

    /** {@code max(x, 0) + alpha (exp(min(x, 0)) - 1)}. */
    record ELU(double alpha) implements Activation {

        static ELU read(Arguments arguments) {
            return new ELU(arguments.number("alpha", 1, -Float.MAX_VALUE, Float.MAX_VALUE));
        }

        @Override
        public String function() {
            return "torch.elu(%s, " + alpha + ")";
        }
    }

    /** {@code x P(X <= x)} of a standard normal X, exactly or by its approximation with a hyperbolic tangent. */
    record GELU(String approximate) implements Activation {

        static GELU read(Arguments arguments) {
            return new GELU(arguments.choice("approximate", "none", "none", "tanh"));
        }

        @Override
        public String function() {
            return "torch.gelu(%s, approximate=\"" + approximate + "\")";
        }
    }

    /** {@code log(1 + exp(beta x)) / beta}, and x itself where {@code beta x} exceeds the threshold. */
    record Softplus(double beta, double threshold) implements Activation {

        static Softplus read(Arguments arguments) {
            return new Softplus(
                    arguments.number("beta", 1, Float.MIN_NORMAL, Float.MAX_VALUE),
                    arguments.number("threshold", 20, -Float.MAX_VALUE, Float.MAX_VALUE));
        }

        @Override
        public String function() {
            return "torch.softplus(%s, " + beta + ", " + threshold + ")";
        }
    }
}
