@org.jspecify.annotations.NullMarked
package io.github.latentdock.problem;
