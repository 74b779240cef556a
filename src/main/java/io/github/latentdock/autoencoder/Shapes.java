package io.github.latentdock.autoencoder;

import ai.djl.ndarray.types.Shape;

/** The shapes of one example and of one latent. */
record Shapes(Shape input, Shape latent) {

    int inputSize() {
        return Math.toIntExact(input.size());
    }

    int latentSize() {
        return Math.toIntExact(latent.size());
    }

    Shape inputs(int rows) {
        return new Shape(rows).addAll(input);
    }

    Shape latents(int rows) {
        return new Shape(rows).addAll(latent);
    }
}
