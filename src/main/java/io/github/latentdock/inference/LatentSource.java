package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where new latents are drawn from. */
enum LatentSource {
    /** The standard normal, which a VAE is trained towards; of latents that were kept in the unit ball, uniform in it. */
    @JsonProperty("prior")
    PRIOR,
    /** One full-covariance Gaussian fitted to the training codes. */
    @JsonProperty("gaussian")
    GAUSSIAN,
    /** A mixture of full-covariance Gaussians fitted to the training codes by EM. */
    @JsonProperty("mixture")
    MIXTURE
}
