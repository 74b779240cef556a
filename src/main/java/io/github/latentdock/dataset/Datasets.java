package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import io.github.latentdock.storage.FileStamp;
import io.github.latentdock.storage.FolderStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The datasets that are there: a folder tree, {@code <name>/dataset.json} and its files, which is the truth. A folder without
 * {@code dataset.json} is unfinished and not seen; one with a fault is told in the log, and to who asks for it by its name. The tree
 * is looked at whenever somebody asks, so what was put there by hand is found.
 */
@Component
public class Datasets {

    private static final Logger log = LoggerFactory.getLogger(Datasets.class);

    private final FolderStore store;
    private Map<String, Known> known = Map.of();

    /**
     * @param dataset null when it is faulty
     * @param fault what is wrong, otherwise null
     */
    private record Known(
            Map<String, FileStamp> stamps,
            @Nullable Dataset dataset,
            @Nullable String fault) {}

    Datasets(FolderStore datasetStore) {
        this.store = datasetStore;
    }

    /** All of them, by name. */
    public synchronized List<Dataset> all() {
        var datasets = new ArrayList<Dataset>();
        var found = new HashMap<String, Known>();
        for (String name : store.folders("")) {
            Map<String, FileStamp> stamps = store.files(name);
            if (!stamps.containsKey(Dataset.FILE)
                    || !NewDataset.NAME.matcher(name).matches()) {
                continue;
            }
            Known before = known.get(name);
            Known now = before != null && before.stamps().equals(stamps) ? before : look(name, stamps);
            found.put(name, now);
            if (now.dataset() != null) {
                datasets.add(now.dataset());
            }
        }
        known = found;
        return List.copyOf(datasets);
    }

    private Known look(String name, Map<String, FileStamp> stamps) {
        try {
            byte[] json = store.read(name + "/" + Dataset.FILE, DatasetFolder.MAX_JSON_BYTES)
                    .orElseThrow(() -> Problem.of(Fault.NOT_FOUND, "it is gone"));
            return new Known(stamps, DatasetFolder.read(name, json, stamps), null);
        } catch (Problem e) {
            log.warn("Dataset '{}' is left out until its files change: {}", name, e.getMessage());
            return new Known(stamps, null, e.detail());
        } catch (UncheckedIOException e) {
            log.warn("Dataset '{}' is left out until its files change: {}", name, e.getMessage());
            return new Known(stamps, null, Dataset.FILE + " cannot be read");
        }
    }

    /** What is wrong with the dataset of that name; empty when nothing is, or when there is none. */
    synchronized Optional<String> fault(String name) {
        all();
        return Optional.ofNullable(known.get(name)).map(Known::fault);
    }

    /**
     * @param nameOrId a name, or the 64 digits of an id
     * @throws Problem {@code NOT_FOUND} naming what there is
     */
    public Dataset require(String nameOrId) {
        List<Dataset> all = all();
        return find(all, nameOrId).orElseThrow(() -> Problem.of(Fault.NOT_FOUND, "dataset", missing(all, nameOrId)));
    }

    private String missing(List<Dataset> all, String nameOrId) {
        Optional<String> fault = fault(nameOrId);
        if (fault.isPresent()) {
            return "Dataset '%s' is faulty: %s. Mend its files, or delete it and upload it again"
                    .formatted(nameOrId, fault.get());
        }
        List<String> names = all.stream().map(Dataset::name).toList();
        return "There is no dataset '%s'; there %s"
                .formatted(Words.shortened(nameOrId), names.isEmpty() ? "is none" : "are " + Words.listed(names));
    }

    /** The first of that name or id. */
    Optional<Dataset> find(String nameOrId) {
        return find(all(), nameOrId);
    }

    private static Optional<Dataset> find(List<Dataset> all, String nameOrId) {
        return all.stream()
                .filter(dataset ->
                        dataset.name().equals(nameOrId) || dataset.id().equals(nameOrId))
                .findFirst();
    }

    /**
     * Opens a dataset to be read; whoever does closes it.
     *
     * @throws Problem {@code NOT_FOUND} when it was deleted meanwhile
     */
    public DatasetReader open(Dataset dataset) {
        Dataset now = require(dataset.name());
        if (!Objects.equals(now.id(), dataset.id())) {
            throw Problem.of(
                    Fault.NOT_FOUND,
                    "dataset",
                    "Dataset '%s' is another one now, with id %s".formatted(dataset.name(), now.id()));
        }
        try {
            return new DatasetReader(now, store.local(now.name()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
