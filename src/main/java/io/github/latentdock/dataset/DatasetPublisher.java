package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.storage.Draft;
import io.github.latentdock.storage.FolderStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Adds and removes datasets. What is refused leaves nothing behind. */
@Component
class DatasetPublisher {

    private static final Logger log = LoggerFactory.getLogger(DatasetPublisher.class);

    private final FolderStore store;
    private final Datasets datasets;
    private final DatasetsProperties limits;
    private final DatasetMeters meters;

    DatasetPublisher(FolderStore datasetStore, Datasets datasets, DatasetsProperties limits, DatasetMeters meters) {
        this.store = datasetStore;
        this.datasets = datasets;
        this.limits = limits;
        this.meters = meters;
    }

    /** @param isNew false when the same was there already, perhaps under another name */
    record Added(Dataset dataset, boolean isNew) {}

    /** @throws Problem {@code CONFLICT} when datasets are read-only here */
    void requireWritable() {
        store.requireWritable();
    }

    /**
     * Adds a dataset whole or not at all.
     *
     * @throws Problem {@code MALFORMED}, {@code INVALID}, {@code TOO_LARGE} naming the part and the row; {@code CONFLICT} when the
     *     name is taken by another; {@code UNAVAILABLE} when the disk fails
     */
    Added add(NewDataset added) {
        try {
            String id = added.id();
            Optional<Dataset> same = datasets.find(id);
            if (same.isPresent()) {
                return new Added(same.get(), false);
            }
            datasets.find(added.name()).ifPresent(other -> {
                throw taken(added.name());
            });
            return write(added, id);
        } catch (IOException | UncheckedIOException e) {
            log.error("Dataset '{}' cannot be stored; it is answered with 503", added.name(), e);
            throw Problem.of(Fault.UNAVAILABLE, "The service cannot store the dataset now");
        }
    }

    private Added write(NewDataset added, String id) throws IOException {
        try (Draft draft = store.draft();
                Draft scratch = store.draft();
                InputFiles files = new InputFiles(added, scratch, limits);
                Inputs inputs = files.open()) {
            Dataset dataset = DatasetWriter.write(added, id, inputs, limits, draft);
            byte[] json = DatasetFolder.write(dataset);
            draft.write(Dataset.FILE, new ByteArrayInputStream(json), json.length);
            return publish(draft, dataset);
        }
    }

    /** One after the other, so that of two that are the same only one stays. */
    private synchronized Added publish(Draft draft, Dataset dataset) {
        Optional<Dataset> same = datasets.find(dataset.id());
        if (same.isPresent()) {
            return new Added(same.get(), false);
        }
        if (!draft.publish(dataset.name())) {
            throw taken(dataset.name());
        }
        meters.added(dataset);
        log.info("Added dataset '{}' of {} rows", dataset.name(), dataset.rows());
        return new Added(dataset, true);
    }

    private static Problem taken(String name) {
        return Problem.of(
                Fault.CONFLICT,
                "name",
                "There is another dataset '%s'; choose another name, or delete it first".formatted(name));
    }

    /**
     * Removes a dataset, also one that is faulty. Readers that are open read on.
     *
     * @param nameOrId of one that is faulty, only its name
     * @throws Problem {@code NOT_FOUND}
     */
    synchronized void delete(String nameOrId) {
        String name = datasets.fault(nameOrId).isPresent()
                ? nameOrId
                : datasets.require(nameOrId).name();
        store.delete(name);
        log.info("Deleted dataset '{}'", name);
    }
}
