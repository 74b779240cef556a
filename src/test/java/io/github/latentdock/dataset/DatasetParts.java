package io.github.latentdock.dataset;

import java.nio.file.Path;

/** The datasets of a folder, for tests of other packages. */
public final class DatasetParts {

    private DatasetParts() {}

    public static Datasets at(Path root) {
        return Store.at(root).datasets();
    }
}
