package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.storage.Draft;
import io.github.latentdock.storage.FileDigest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.SerializationFeature;

/**
 * A version in the making: its files are written where they will stay, checked, and published under a number that was agreed upon
 * before. Of several processes that publish under one number, one succeeds. Closing it without that leaves nothing behind.
 */
public final class VersionDraft implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(VersionDraft.class);

    private final Draft draft;
    private final ModelRepository repository;
    private @Nullable Manifest sealed;

    VersionDraft(Draft draft, ModelRepository repository) {
        this.draft = draft;
        this.repository = repository;
    }

    /** Where the files go: {@code weights.safetensors} and whatever else a version has, but for {@code model.json}. */
    public Path folder() {
        return draft.folder();
    }

    /**
     * Checks the files against the manifest and sends them to the disk; this takes as long as reading them all.
     *
     * @param manifest its {@code version} and {@code files} do not matter
     * @throws Problem {@code INVALID} with all that is wrong, by field, file or tensor
     */
    public void seal(Manifest manifest) {
        try {
            Manifest checked = Manifest.parse(JsonFields.JSON.writeValueAsBytes(manifest));
            SequencedMap<String, FileDigest> digests = digests();
            var checkpoint = new Checkpoint(draft.folder(), checked, digests.keySet());
            List<FieldError> faults = checkpoint.examine();
            if (faults.isEmpty()) {
                faults.addAll(checkpoint.examineValues());
            }
            if (!faults.isEmpty()) {
                throw Problem.of(Fault.INVALID, faults);
            }
            sealed = checked.with(1, digests);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes it a version, whole, in one step.
     *
     * @return false when there is one of that number already, which stays as it is
     * @throws IllegalStateException before {@link #seal}
     */
    public boolean publish(int number) {
        if (sealed == null) {
            throw new IllegalStateException("a version is sealed before it is published");
        }
        Manifest manifest = sealed.with(number, sealed.files());
        byte[] json = JsonFields.JSON.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(manifest);
        try {
            draft.write(Manifest.FILE, new ByteArrayInputStream(json), json.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!draft.publish(ModelRepository.folder(manifest.name(), number))) {
            return false;
        }
        repository.scan();
        log.info("Published version {} of model {}", number, manifest.name());
        return true;
    }

    private SequencedMap<String, FileDigest> digests() throws IOException {
        var digests = new TreeMap<String, FileDigest>();
        var unknown = new ArrayList<FieldError>();
        try (Stream<Path> files = Files.list(draft.folder())) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (!CheckpointFiles.KNOWN.contains(name)) {
                    unknown.add(new FieldError(name, "'%s' is no file of a version".formatted(name)));
                    continue;
                }
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                digests.put(name, FileDigest.of(file));
            }
        }
        if (!unknown.isEmpty()) {
            throw Problem.of(Fault.INVALID, unknown);
        }
        return digests;
    }

    @Override
    public void close() {
        draft.close();
    }
}
