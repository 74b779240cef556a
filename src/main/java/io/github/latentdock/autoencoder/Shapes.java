package io.github.latentdock.autoencoder;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** The shapes of one example and of one latent. */
record Shapes(Shape input, Shape latent) {

    private static final int MOST_ROWS = 256;

    /** Of the examples that are evaluated together, 4 MB. */
    private static final int MOST_VALUES = 1 << 20;

    static Shapes of(Network network) {
        return new Shapes(shape(network.inputShape()), shape(network.latentShape()));
    }

    private static Shape shape(int[] dimensions) {
        return new Shape(Arrays.stream(dimensions).asLongStream().toArray());
    }

    int inputSize() {
        return Math.toIntExact(input.size());
    }

    int latentSize() {
        return Math.toIntExact(latent.size());
    }

    /** How many examples are evaluated together. */
    int blockRows() {
        return Math.clamp(MOST_VALUES / inputSize(), 1, MOST_ROWS);
    }

    /** The first dimension of an example, of a picture its channels. */
    int channels() {
        return Math.toIntExact(input.get(0));
    }

    Shape inputs(int rows) {
        return new Shape(rows).addAll(input);
    }

    Shape latents(int rows) {
        return new Shape(rows).addAll(latent);
    }
}
