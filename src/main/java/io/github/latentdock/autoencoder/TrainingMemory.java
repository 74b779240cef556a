package io.github.latentdock.autoencoder;

/**
 * What a training takes of the memory, native and on the heap, in bytes: roughly, and rather too much. {@link Long#MAX_VALUE} is
 * more than there can be.
 *
 * @param parameters how many weights the network has
 * @param weights what they take, with their gradients, what the optimiser keeps, and the copies that a checkpoint is written from
 * @param codes the same of an auto-decoder's codes
 * @param batch a batch's inputs, and what every layer makes of them, which the gradients need
 * @param kept the codes that stay with the version, and the fit of densities to them
 * @param components the principal components that an auto-decoder's codes begin with, or that a model is compared with
 */
public record TrainingMemory(long parameters, long weights, long codes, long batch, long kept, long components) {

    /** {@code [n * values]} is one Java array. */
    private static final long LONGEST_ARRAY = Integer.MAX_VALUE - 8;

    /** Of a batch: what is encoded, what is to be reconstructed, the mask, and Java's copy. */
    private static final int INPUTS = 4;

    /** Of a batch: noise, codes, their log-variances, and Java's copy. */
    private static final int LATENTS = 4;

    /** What a layer gives, and the gradient of that. */
    private static final int ACTIVATIONS = 2;

    /** Adam's. */
    private static final int CODE_MOMENTS = 2;

    /**
     * Works it out.
     *
     * @param examples that are trained on
     * @param old codes of a parent, which are held, and learned on beside those of the examples where they are replayed
     * @param kept codes that stay with the version
     */
    public static TrainingMemory of(Network network, TrainingSettings settings, long examples, long old, long kept) {
        var shapes = Shapes.of(network);
        long parameters = network.size();
        long copies =
                copies(settings.optimizer().moments()) + (settings.earlyStopping() == null ? 0 : 1) + (old > 0 ? 1 : 0);
        long codes = 0;
        if (settings.objective() instanceof Objective.Coded) {
            int parts = settings.objective() instanceof Objective.Vad ? 2 : 1;
            boolean replays = !settings.freezeDecoder() && !settings.hasCodes(old, examples);
            long one = times(replays ? plus(examples, old) : examples, shapes.latentSize());
            long learned =
                    one > LONGEST_ARRAY ? Long.MAX_VALUE : times(one, parts * Float.BYTES * copies(CODE_MOMENTS));
            codes = plus(learned, times(times(old, shapes.latentSize()), parts * Float.BYTES));
        }
        long rows = Math.min(settings.batchSize() + 1L, examples);
        long row = plus(
                INPUTS * (long) shapes.inputSize() + LATENTS * (long) shapes.latentSize(),
                times(ACTIVATIONS, network.activations()));
        return new TrainingMemory(
                parameters,
                times(times(parameters, Float.BYTES), copies),
                codes,
                times(times(rows, row), Float.BYTES),
                kept(kept, shapes.latentSize()),
                components(
                        old == 0
                                && settings.objective() instanceof Objective.Coded coded
                                && coded.codes() == Objective.Codes.PCA,
                        shapes,
                        examples));
    }

    private static long kept(long count, int size) {
        long values = times(count, size);
        return values > LONGEST_ARRAY
                ? Long.MAX_VALUE
                : plus(times(values, Float.BYTES), FittedDensities.bytes(count, size));
    }

    /** @param begins whether codes begin with them; else they are only to compare with */
    private static long components(boolean begins, Shapes shapes, long examples) {
        long values = PrincipalComponents.values(shapes.inputSize(), examples, shapes.latentSize());
        if (!begins && values > PrincipalComponents.MOST_COMPARED) {
            return 0;
        }
        return values > LONGEST_ARRAY ? Long.MAX_VALUE : times(values, PrincipalComponents.ARRAYS * Float.BYTES);
    }

    /** The value with its gradient, what the optimiser keeps, and a checkpoint's copy of all but the gradient. */
    private static long copies(int moments) {
        return 2L * (1 + moments) + 1;
    }

    /** All together. */
    public long bytes() {
        return plus(plus(plus(weights, codes), batch), plus(kept, components));
    }

    static long plus(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    /** Of numbers that are not negative. */
    static long times(long a, long b) {
        return Math.multiplyHigh(a, b) > 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
    }
}
