package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;

/**
 * A trained autoencoder, ready to run: a decoder and, unless it is an auto-decoder, an encoder. Any number of threads may use
 * one at once. What it computes belongs to the manager of what it was given.
 */
public interface Autoencoder extends AutoCloseable {

    boolean hasEncoder();

    /**
     * @param x examples {@code [n, …input shape]}
     * @return what the encoder says of their latents, {@code [n, …latent shape]}
     * @throws IllegalStateException when there is no encoder
     */
    Posterior encode(NDArray x);

    /**
     * Differentiable in {@code z} where {@code z} requires a gradient.
     *
     * @param z latents {@code [n, …latent shape]}
     * @return examples {@code [n, …input shape]}
     */
    NDArray decode(NDArray z);

    /** Frees the weights. Nothing may be running. */
    @Override
    void close();
}
