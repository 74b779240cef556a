package io.github.latentdock.registry;

import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.storage.FileDigest;
import io.github.latentdock.storage.FileStamp;
import io.github.latentdock.storage.FolderStore;
import io.github.latentdock.storage.Unreadable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out whether a version's folder holds what its manifest says. */
final class Examiner {

    private static final int TOLD = 5;

    private final FolderStore store;
    private final int maxManifestBytes;

    Examiner(FolderStore store, int maxManifestBytes) {
        this.store = store;
        this.maxManifestBytes = maxManifestBytes;
    }

    /**
     * A version and the state in which its files were.
     *
     * @param stamps null when the files could not be read, which says nothing about the next time
     */
    record Examined(@Nullable Map<String, FileStamp> stamps, Version version) {

        boolean stillHolds(Map<String, FileStamp> now) {
            return now.equals(stamps);
        }
    }

    /** By manifest, names, sizes and headers. */
    Examined examine(String model, int number, Map<String, FileStamp> stamps) {
        String folder = ModelRepository.folder(model, number);
        try {
            Optional<byte[]> json = store.read(folder + "/" + Manifest.FILE, maxManifestBytes);
            if (json.isEmpty()) {
                return new Examined(null, new Version.Faulty(model, number, "model.json was removed just now"));
            }
            Manifest manifest = Manifest.parse(json.get());
            Path path = store.local(folder);
            List<FieldError> faults = new ArrayList<>(names(model, number, manifest));
            faults.addAll(sizes(manifest, stamps));
            faults.addAll(new Checkpoint(path, manifest, known(stamps)).examine());
            Version version = faults.isEmpty()
                    ? new Version.Sound(model, number, manifest.with(number, manifest.files()), path)
                    : new Version.Faulty(model, number, reason(faults));
            return new Examined(stamps, version);
        } catch (Problem e) {
            String reason = e.errors().isEmpty() ? e.detail() : reason(e.errors());
            return new Examined(stamps, new Version.Faulty(model, number, reason));
        } catch (UncheckedIOException e) {
            return new Examined(null, new Version.Faulty(model, number, Unreadable.reason(e)));
        }
    }

    /** By content: every byte is read. Adds what is wrong to the faults. */
    SequencedMap<String, FileDigest> digest(Version.Sound version, List<FieldError> faults) {
        var digests = new TreeMap<String, FileDigest>();
        var checkpoint = new Checkpoint(
                version.folder(),
                version.manifest(),
                known(store.files(ModelRepository.folder(version.model(), version.number()))));
        for (String file : checkpoint.files()) {
            digests.put(file, FileDigest.of(version.folder().resolve(file)));
        }
        faults.addAll(Checkpoint.compare(version.manifest(), digests));
        if (faults.isEmpty()) {
            faults.addAll(checkpoint.examine());
            faults.addAll(checkpoint.examineValues());
        }
        return digests;
    }

    static String reason(List<FieldError> faults) {
        String told = faults.stream().limit(TOLD).map(FieldError::detail).collect(Collectors.joining("; "));
        return faults.size() <= TOLD ? told : "%s; and %d more".formatted(told, faults.size() - TOLD);
    }

    private static List<FieldError> names(String model, int number, Manifest manifest) {
        var faults = new ArrayList<FieldError>();
        if (!manifest.name().equals(model)) {
            faults.add(new FieldError(
                    "name", "name is '%s', but the model's folder is '%s'".formatted(manifest.name(), model)));
        }
        if (manifest.version() != null && manifest.version() != number) {
            faults.add(new FieldError(
                    "version", "version is %d, but the version's folder is %d".formatted(manifest.version(), number)));
        }
        return faults;
    }

    /** A copy that is not complete shows here, long before its SHA-256 is worked out. */
    private static List<FieldError> sizes(Manifest manifest, Map<String, FileStamp> stamps) {
        var faults = new ArrayList<FieldError>();
        manifest.files().forEach((file, told) -> {
            FileStamp found = stamps.get(file);
            if (found == null) {
                faults.add(new FieldError(
                        file,
                        "%s is missing: the manifest's files name it, and links are not followed".formatted(file)));
            } else if (found.bytes() != told.bytes()) {
                faults.add(new FieldError(
                        file, "%s has %d bytes, the manifest says %d".formatted(file, found.bytes(), told.bytes())));
            }
        });
        return faults;
    }

    static List<String> known(Map<String, FileStamp> stamps) {
        return CheckpointFiles.KNOWN.stream().filter(stamps::containsKey).toList();
    }
}
