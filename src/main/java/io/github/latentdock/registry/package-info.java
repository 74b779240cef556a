/** Models, their immutable versions, aliases and manifests. */
@NullMarked
@ApplicationModule(allowedDependencies = {"problem", "storage", "autoencoder"})
package io.github.latentdock.registry;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
