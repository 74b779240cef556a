package io.github.latentdock.storage;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A folder in the making, which nobody else sees until it is published. Closing it without that leaves nothing behind. One
 * thread uses it at a time.
 */
public final class Draft implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 16;

    private final FolderStore store;
    private final Path folder;

    Draft(FolderStore store, Path folder) {
        this.store = store;
        this.folder = folder;
    }

    /** Where the files are until they are published. */
    public Path folder() {
        return folder;
    }

    /**
     * Writes a file through to the disk, in place of one of that name.
     *
     * @param limit the most bytes it may have; of a longer one nothing is kept
     * @throws Problem {@code TOO_LARGE} naming the file
     * @throws IllegalArgumentException when the name is none that a store takes
     * @throws IOException when the content cannot be read
     */
    public FileDigest write(String name, InputStream content, long limit) throws IOException {
        Path file = folder.resolve(StoreRoot.requireName(name));
        FileDigest digest;
        try (FileChannel channel = FileChannel.open(
                        file,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        LinkOption.NOFOLLOW_LINKS);
                OutputStream out = Channels.newOutputStream(channel)) {
            digest = FileDigest.copy(content, out, limit);
            channel.force(true);
        }
        if (digest.bytes() > limit) {
            Files.delete(file);
            throw Problem.of(Fault.TOO_LARGE, name, "%s has more than the %d bytes allowed".formatted(name, limit));
        }
        return digest;
    }

    /**
     * Opens a file for what is made piece by piece, in place of one of that name. Closing it writes it through to the disk.
     *
     * @throws IllegalArgumentException when the name is none that a store takes
     */
    public OutputStream open(String name) throws IOException {
        FileChannel channel = FileChannel.open(
                folder.resolve(StoreRoot.requireName(name)),
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                LinkOption.NOFOLLOW_LINKS);
        return new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES) {
            @Override
            public void close() throws IOException {
                try (channel) {
                    if (channel.isOpen()) {
                        flush();
                        channel.force(true);
                    }
                }
            }
        };
    }

    /**
     * Makes the folder visible under its name, whole, in one step that survives a power failure.
     *
     * @param name such as {@code fashion-vae/3}
     * @return false when there is a folder of that name, which then stays as it is, and so does the draft
     * @throws UncheckedIOException when the disk fails
     */
    public boolean publish(String name) {
        return store.publish(folder, name);
    }

    /** Removes what was not published. */
    @Override
    public void close() {
        store.removeTree(folder);
    }
}
