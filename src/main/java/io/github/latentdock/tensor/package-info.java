/** Tensors on the wire: JSON, raw float32, .npy, PNG and JPEG, read straight into float arrays. */
@NullMarked
@ApplicationModule(allowedDependencies = {"problem"})
package io.github.latentdock.tensor;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
