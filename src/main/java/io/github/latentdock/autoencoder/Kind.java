package io.github.latentdock.autoencoder;

/** What an autoencoder is; decides which operations it can do. */
public enum Kind {
    /** An autoencoder: an encoder that gives a latent, and a decoder. */
    AE,
    /** A variational autoencoder (Kingma and Welling 2014): its encoder gives a mean and a log-variance. */
    VAE,
    /** An auto-decoder (GLO, Bojanowski et al. 2018; DeepSDF, Park et al. 2019): no encoder, latents are found by search. */
    AD
}
