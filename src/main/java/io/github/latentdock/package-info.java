/** Latentdock serves trained autoencoders over HTTP. */
@NullMarked
package io.github.latentdock;

import org.jspecify.annotations.NullMarked;
