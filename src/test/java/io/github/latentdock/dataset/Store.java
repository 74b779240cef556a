package io.github.latentdock.dataset;

import io.github.latentdock.dataset.DatasetPublisher.Added;
import io.github.latentdock.storage.FolderStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.springframework.core.io.InputStreamSource;
import org.springframework.util.unit.DataSize;

/** The parts of this package over one folder, as one process has them. */
record Store(Path root, Datasets datasets, DatasetPublisher publisher) {

    /** Small limits, so that tests reach them: 1 MB uploaded, 2 MB unpacked, 1000 rows, 4096 values in each. */
    static Store at(Path root) {
        return at(root, new DatasetsProperties(root, DataSize.ofMegabytes(1), DataSize.ofMegabytes(2), 1000, 4096));
    }

    static Store at(Path root, DatasetsProperties properties) {
        var store = new FolderStore(root);
        var datasets = new Datasets(store);
        var meters = new DatasetMeters(new SimpleMeterRegistry());
        return new Store(root, datasets, new DatasetPublisher(store, datasets, properties, meters));
    }

    Dataset add(String name, byte[] file) {
        return add(name, Options.NONE, Map.of("file", file)).dataset();
    }

    Added add(String name, Options options, Map<String, byte[]> parts) {
        Map<String, InputStreamSource> files = new HashMap<>();
        parts.forEach((part, content) -> files.put(part, () -> new ByteArrayInputStream(content)));
        return publisher.add(new NewDataset(name, files, options));
    }

    /** All values of a dataset, row by row. */
    float[] values(Dataset dataset) {
        try (DatasetReader reader = datasets.open(dataset)) {
            int size = dataset.size();
            float[] values = new float[reader.count() * size];
            for (int row = 0; row < reader.count(); row++) {
                reader.values(row, values, row * size);
            }
            return values;
        }
    }

    float[] mask(Dataset dataset) {
        try (DatasetReader reader = datasets.open(dataset)) {
            int size = dataset.size();
            float[] mask = new float[reader.count() * size];
            for (int row = 0; row < reader.count(); row++) {
                reader.mask(row, mask, row * size);
            }
            return mask;
        }
    }

    int[] labels(Dataset dataset) {
        try (DatasetReader reader = datasets.open(dataset)) {
            int[] labels = new int[reader.count()];
            for (int row = 0; row < labels.length; row++) {
                labels[row] = reader.label(row);
            }
            return labels;
        }
    }

    int[] groups(Dataset dataset) {
        try (DatasetReader reader = datasets.open(dataset)) {
            int[] groups = new int[reader.count()];
            for (int row = 0; row < groups.length; row++) {
                groups[row] = reader.group(row);
            }
            return groups;
        }
    }
}
