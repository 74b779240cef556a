/** Trainings: jobs that make a version of a model out of a data set, and survive what may happen to their worker. */
@NullMarked
@ApplicationModule(allowedDependencies = {"problem", "tensor", "storage", "autoencoder", "registry", "dataset"})
package io.github.latentdock.training;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
