package io.github.latentdock.training;

import io.github.latentdock.storage.Draft;
import io.github.latentdock.storage.FolderStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where trainings go on from: folders {@code <training>/<attempt>-<epoch>-<step>}, written whole or not at all. The newest is that
 * of the highest attempt, so what a worker writes after it lost its training, and removes when it finds out, is never what the next
 * one goes on from, unless that one has nothing of its own yet; the weights are the same then.
 */
final class Checkpoints {

    /** One more than needed, should the newest not be readable. */
    private static final int KEPT = 2;

    private static final Pattern NAME = Pattern.compile("(\\d+)-(\\d+)-(\\d+)");

    private final FolderStore store;

    Checkpoints(FolderStore store) {
        this.store = store;
    }

    /** A checkpoint that is there. */
    record Checkpoint(String name, int attempt, int epoch, int step, Path folder) {

        private static final Comparator<Checkpoint> NEWEST = Comparator.comparingInt(Checkpoint::attempt)
                .thenComparingInt(Checkpoint::epoch)
                .thenComparingInt(Checkpoint::step)
                .reversed();
    }

    /** Newest first. */
    List<Checkpoint> list(String training) {
        return store.folders(training).stream()
                .map(NAME::matcher)
                .filter(Matcher::matches)
                .map(name -> new Checkpoint(
                        training + "/" + name.group(),
                        Integer.parseInt(name.group(1)),
                        Integer.parseInt(name.group(2)),
                        Integer.parseInt(name.group(3)),
                        store.local(training + "/" + name.group())))
                .sorted(Checkpoint.NEWEST)
                .toList();
    }

    /** Saves where a loop is, with its checksums and through to the disk. */
    Checkpoint save(Lease lease, TrainingLoop loop) {
        String name = "%s/%d-%d-%d".formatted(lease.training(), lease.attempt(), loop.epoch(), loop.step());
        var saved = new Checkpoint(name, lease.attempt(), loop.epoch(), loop.step(), store.local(name));
        try (Draft draft = store.draft()) {
            loop.save(draft.folder());
            Checksums.write(draft.folder());
            try (Stream<Path> files = Files.list(draft.folder())) {
                for (Path file : files.toList()) {
                    sync(file);
                }
            }
            draft.publish(name); // If there is one of that name, it is the same.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return saved;
    }

    /** Removes those that newer ones took the place of. */
    void deleteOld(String training) {
        list(training).stream().skip(KEPT).forEach(this::delete);
    }

    /**
     * Removes what workers that were killed had begun to save.
     *
     * @param before spares what was written to since then, for another process may still be at it
     */
    void removeLeftovers(Instant before) {
        store.removeLeftovers(before);
    }

    /** When nobody goes on from them any more. */
    void deleteAll(String training) {
        list(training).forEach(this::delete);
    }

    /** Of which trainings there are any. */
    Set<String> trainings() {
        return store.folders("");
    }

    void delete(Checkpoint checkpoint) {
        store.delete(checkpoint.name());
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
