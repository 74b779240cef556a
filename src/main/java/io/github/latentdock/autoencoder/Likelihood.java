package io.github.latentdock.autoencoder;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How values of an example are distributed around what the decoder gives. */
public enum Likelihood {
    /** Normal with variance 1: the negative log-likelihood is half the squared error and a constant. */
    @JsonProperty("gaussian")
    GAUSSIAN,
    /** Bernoulli, for values in [0, 1] and a decoder that gives probabilities: the binary cross-entropy. */
    @JsonProperty("bernoulli")
    BERNOULLI
}
