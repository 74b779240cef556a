/** The running service, asked over HTTP. */
@org.jspecify.annotations.NullMarked
package io.github.latentdock.serving;
