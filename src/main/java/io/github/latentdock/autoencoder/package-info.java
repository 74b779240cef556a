/** The mathematics of autoencoders on DJL, without Spring: networks, kinds, the latent optimiser, latent densities. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.github.latentdock.autoencoder;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
