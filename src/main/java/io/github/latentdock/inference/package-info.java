/** Loaded models, compute lanes, batching, and the endpoints that use them. */
@NullMarked
@ApplicationModule(allowedDependencies = {"problem", "tensor", "autoencoder", "registry"})
package io.github.latentdock.inference;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
