/** Folders of files, published whole or not at all. */
@NullMarked
@ApplicationModule(allowedDependencies = {"problem"})
package io.github.latentdock.storage;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
