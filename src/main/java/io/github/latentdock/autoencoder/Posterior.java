package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * What an encoder says of the latents of some examples: a diagonal Gaussian for a VAE (Kingma and Welling 2014), a point for
 * an AE.
 *
 * @param mean the latents {@code [n, …latent shape]}
 * @param logVariance the logarithm of the variance, {@code [n, …latent shape]}; null where the encoder gives a point
 */
public record Posterior(NDArray mean, @Nullable NDArray logVariance) {}
