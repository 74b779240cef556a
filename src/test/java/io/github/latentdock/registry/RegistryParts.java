package io.github.latentdock.registry;

import java.nio.file.Path;

/** The registry over a folder, for tests of other packages. */
public record RegistryParts(ModelRepository repository, ModelPublisher publisher) {

    public static RegistryParts at(Path root) {
        Registry registry = Registry.at(root);
        return new RegistryParts(registry.repository(), registry.publisher());
    }
}
