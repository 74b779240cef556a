package io.github.latentdock.registry;

import io.github.latentdock.storage.FolderStore;
import java.nio.file.Path;
import org.springframework.util.unit.DataSize;

/** The parts of this package over one folder, as one process has them. */
record Registry(FolderStore store, ModelsProperties properties, ModelRepository repository, ModelPublisher publisher) {

    static Registry at(Path root) {
        return at(root, false);
    }

    static Registry at(Path root, boolean allowTorchscript) {
        var properties =
                new ModelsProperties(root, DataSize.ofMegabytes(1), DataSize.ofKilobytes(16), allowTorchscript);
        var store = new FolderStore(root);
        var repository = new ModelRepository(store, properties);
        return new Registry(store, properties, repository, new ModelPublisher(store, repository, properties));
    }

    Manifest publish(String model, TestModel version) {
        return publisher.publish(model, version.manifestBytes(), version.newFiles());
    }
}
