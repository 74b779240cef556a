@NullMarked
package io.github.latentdock.tensor;

import org.jspecify.annotations.NullMarked;
