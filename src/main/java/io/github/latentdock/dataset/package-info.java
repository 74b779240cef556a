/** Datasets: uploads, formats, statistics, and reading them row by row. */
@NullMarked
@ApplicationModule(allowedDependencies = {"problem", "tensor", "storage"})
package io.github.latentdock.dataset;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
