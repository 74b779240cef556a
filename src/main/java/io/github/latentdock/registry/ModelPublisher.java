package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import io.github.latentdock.storage.Draft;
import io.github.latentdock.storage.FileDigest;
import io.github.latentdock.storage.FolderStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.SerializationFeature;

/**
 * Changes the repository: adds and removes versions, moves aliases. What is refused leaves nothing behind. Whatever was done is
 * in the repository's snapshot when a method returns.
 */
public final class ModelPublisher {

    private static final Logger log = LoggerFactory.getLogger(ModelPublisher.class);

    private final FolderStore store;
    private final ModelRepository repository;
    private final ModelsProperties properties;

    ModelPublisher(FolderStore store, ModelRepository repository, ModelsProperties properties) {
        this.store = store;
        this.repository = repository;
        this.properties = properties;
    }

    /**
     * Publishes a version whole or not at all. Its number is the manifest's, else one more than the newest.
     *
     * @param model need not exist yet
     * @param manifestJson see {@link Manifest#parse}; {@code files} may be missing, and are checked when they are not
     * @return the manifest as it was written, with the number and all files
     * @throws Problem {@code MALFORMED}; {@code INVALID} with all that is wrong, by field, file or tensor; {@code TOO_LARGE};
     *     {@code CONFLICT} when there is a version of that number
     */
    public Manifest publish(String model, byte[] manifestJson, List<NewFile> files) {
        Upload upload = Upload.of(model, manifestJson, files, properties);
        try (Draft draft = store.draft()) {
            var digests = upload.write(draft, properties.maxUploadSize().toBytes());
            Manifest published = publish(draft, upload.manifest(), digests);
            repository.scan();
            log.info(
                    "Published version {} of model {}{}",
                    published.number(),
                    model,
                    published.format() == Format.TORCHSCRIPT
                            ? "; its TorchScript is first run when it is loaded, and only that tells whether it can be served"
                            : "");
            return published;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A version whose files are written in place, for what makes them here; closed when it is published or given up. */
    public VersionDraft draft() {
        return new VersionDraft(store.draft(), repository);
    }

    /**
     * One more than the newest version's number, published or in the making.
     *
     * @throws Problem {@code CONFLICT} when there are no numbers left
     */
    public int nextVersion(String model) {
        return next(model);
    }

    /**
     * Removes a version, faulty or not, and the model with its last one.
     *
     * @throws Problem {@code NOT_FOUND}; {@code CONFLICT} when an alias names it
     */
    public synchronized void delete(String model, int number) {
        Model known = readable(model);
        known.requireVersion(number);
        List<String> aliases = known.aliases().entrySet().stream()
                .filter(alias -> alias.getValue() == number)
                .map(SortedMap.Entry::getKey)
                .toList();
        if (!aliases.isEmpty()) {
            throw Problem.of(
                    Fault.CONFLICT,
                    "Version %d of model '%s' is what %s stands for; move the alias first"
                            .formatted(
                                    number,
                                    model,
                                    aliases.size() <= 2 ? String.join(" and ", aliases) : Words.listed(aliases)));
        }
        store.delete(ModelRepository.folder(model, number));
        if (known.versions().size() == 1) {
            store.delete(model + "/" + Aliases.FILE); // Whatever aliases are left name nothing any more.
        }
        repository.scan();
        log.info("Deleted version {} of model {}", number, model);
    }

    /**
     * Makes an alias stand for a version; it may be new or stand for another.
     *
     * @throws Problem {@code INVALID} when it cannot be an alias; {@code NOT_FOUND}; {@code CONFLICT} when the version is faulty
     */
    public synchronized void setAlias(String model, String alias, int number) {
        Model known = readable(model);
        if (!Names.isAlias(alias)) {
            throw Problem.invalid(
                    "alias",
                    "alias is '%s', it must match %s and not be a number"
                            .formatted(Words.shortened(alias), Names.MODEL));
        }
        if (known.requireVersion(number) instanceof Version.Faulty faulty) {
            throw Problem.of(
                    Fault.CONFLICT,
                    "version",
                    "Version %d of model '%s' cannot be served: %s".formatted(number, model, faulty.reason()));
        }
        var aliases = new TreeMap<>(known.aliases());
        Integer before = aliases.put(alias, number);
        store.replace(model + "/" + Aliases.FILE, Aliases.write(aliases));
        repository.scan();
        log.info(
                "Alias {} of model {} stands for version {} now, {} before",
                alias,
                model,
                number,
                before == null ? "for none" : before);
    }

    /**
     * Removes an alias. Without {@code default}, the newest version serves.
     *
     * @throws Problem {@code NOT_FOUND}
     */
    public synchronized void deleteAlias(String model, String alias) {
        Model known = readable(model);
        var aliases = new TreeMap<>(known.aliases());
        if (aliases.remove(alias) == null) {
            throw Problem.of(
                    Fault.NOT_FOUND,
                    "Model '%s' has no alias '%s'; it has %s"
                            .formatted(model, Words.shortened(alias), known.aliasNames()));
        }
        if (aliases.isEmpty()) {
            store.delete(model + "/" + Aliases.FILE);
        } else {
            store.replace(model + "/" + Aliases.FILE, Aliases.write(aliases));
        }
        repository.scan();
        log.info("Deleted alias {} of model {}", alias, model);
    }

    /** Nothing is decided on aliases that cannot be read, nor are they overwritten. */
    private Model readable(String model) {
        Model known = repository.scan().model(model);
        if (known.aliasFault() != null) {
            throw Problem.of(
                    Fault.CONFLICT,
                    "The aliases of model '%s' cannot be read and must be mended first: %s"
                            .formatted(model, known.aliasFault()));
        }
        return known;
    }

    /** Another process may publish at the same time: whoever comes second takes the next number. */
    private synchronized Manifest publish(Draft draft, Manifest manifest, SequencedMap<String, FileDigest> digests)
            throws IOException {
        while (true) {
            int number = manifest.version() == null ? next(manifest.name()) : manifest.version();
            Manifest numbered = manifest.with(number, digests);
            byte[] json =
                    JsonFields.JSON.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(numbered);
            draft.write(Manifest.FILE, new ByteArrayInputStream(json), json.length);
            if (draft.publish(ModelRepository.folder(manifest.name(), number))) {
                return numbered;
            }
            if (manifest.version() != null) {
                throw Problem.of(
                        Fault.CONFLICT,
                        "version",
                        "Model '%s' has a version %d already; leave version out to get the next"
                                .formatted(manifest.name(), number));
            }
        }
    }

    /** Counts folders that are not finished, too: somebody is filling them. */
    private int next(String model) {
        int newest = store.folders(model).stream()
                .filter(Names::isVersion)
                .mapToInt(Integer::parseInt)
                .max()
                .orElse(0);
        if (!Names.isVersion(String.valueOf(newest + 1))) {
            throw Problem.of(
                    Fault.CONFLICT,
                    "version",
                    "Model '%s' has version %d, after which there are no numbers; give a version that is free"
                            .formatted(model, newest));
        }
        return newest + 1;
    }
}
