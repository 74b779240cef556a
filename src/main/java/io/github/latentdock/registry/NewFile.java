package io.github.latentdock.registry;

import org.springframework.core.io.InputStreamSource;

/**
 * A file of a version to be published.
 *
 * @param name such as {@code weights.safetensors}
 * @param content opened once
 */
public record NewFile(String name, InputStreamSource content) {}
