/** What several tests need. */
@org.jspecify.annotations.NullMarked
package io.github.latentdock.testing;
