package io.github.latentdock.storage;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tree of folders under one root on the file system. Folders are published whole or not at all, never change afterwards, and
 * vanish at once. Several processes may share a root: they coordinate by nothing but atomic renames.
 *
 * <p>Paths are written with {@code /}, every name in them matching {@code [A-Za-z0-9][A-Za-z0-9._-]*}; anything else is an
 * {@link IllegalArgumentException}. Files and folders of other names are not seen, and symbolic links below the root are never
 * followed. What the disk refuses is an {@link UncheckedIOException}.
 */
public final class FolderStore {

    private static final Logger log = LoggerFactory.getLogger(FolderStore.class);

    private final StoreRoot root;

    /** @param root need not exist: it is made when something is first written */
    public FolderStore(Path root) {
        this.root = new StoreRoot(root.toAbsolutePath().normalize());
    }

    /** The names of the folders in a folder, in order; none when it does not exist. The root is {@code ""}. */
    public SortedSet<String> folders(String parent) {
        var names = new TreeSet<String>();
        children(parent, (name, attributes) -> {
            if (attributes.isDirectory()) {
                names.add(name);
            }
        });
        return names;
    }

    /** The files in a folder; none when it does not exist. */
    public SortedMap<String, FileStamp> files(String folder) {
        var files = new TreeMap<String, FileStamp>();
        children(folder, (name, attributes) -> {
            if (attributes.isRegularFile()) {
                files.put(
                        name,
                        new FileStamp(attributes.size(), attributes.lastModifiedTime() + " " + attributes.fileKey()));
            }
        });
        return Collections.unmodifiableSortedMap(files);
    }

    /** A folder's place on this machine, for what reads files by path. */
    public Path local(String folder) {
        return root.resolve(folder);
    }

    /**
     * A small file's content; empty when there is no such file.
     *
     * @throws Problem {@code TOO_LARGE} when it has more bytes than the limit
     */
    public Optional<byte[]> read(String file, int limit) {
        Path path = root.resolve(file);
        if (!root.isPlain(StoreRoot.parent(path))) {
            return Optional.empty();
        }
        try (InputStream content = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = content.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw Problem.of(Fault.TOO_LARGE, file, "%s has more than the %d bytes allowed".formatted(file, limit));
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a small file in an existing folder, in place of the one that is there: readers see the old one or the new one. */
    public void replace(String file, byte[] content) {
        Path path = root.resolveWritable(file);
        Path next = root.newDraft();
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            var bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
            sync(StoreRoot.parent(path));
        } catch (IOException e) {
            removeTree(next);
            throw new UncheckedIOException(e);
        }
    }

    /** Whether anything can be written here: no, where the root is read-only or cannot be made. */
    public boolean isWritable() {
        return root.isWritable();
    }

    /** @throws Problem {@code CONFLICT} when nothing can be written here */
    public void requireWritable() {
        root.requireWritable();
    }

    /** A hidden folder for files on their way, which need not exist; what is forgotten in it is a leftover. */
    public Path scratch() {
        return root.scratch();
    }

    /** A new folder, seen by nobody yet. */
    public Draft draft() {
        try {
            root.requireWritable();
            Files.createDirectories(root.path());
            return new Draft(this, Files.createDirectory(root.newDraft()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Removes a file or a folder with all that is in it, and the folder it was in once that is empty. Readers see all of it or
     * nothing.
     *
     * @return false when there was none
     */
    public boolean delete(String name) {
        Path path = root.resolveWritable(name);
        Path trash = root.newTrash();
        try {
            Files.move(path, trash, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        removeTree(trash);
        try {
            Path parent = StoreRoot.parent(path);
            sync(parent);
            if (!parent.equals(root.path())) {
                Files.delete(parent);
                sync(StoreRoot.parent(parent));
            }
        } catch (DirectoryNotEmptyException | NoSuchFileException e) {
            // Others are in it, or another process was faster: both are as it should be.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return true;
    }

    /**
     * Removes what a publisher or a deletion that was killed left behind: what is hidden, and empty folders, which keep a name from
     * whoever wants to publish under it.
     *
     * @param before spares what was written to since then, for another process may still be at it; parts of uploads a day longer
     */
    public void removeLeftovers(Instant before) {
        new Sweep(this, root, before).run();
    }

    /** The empty folder is the claim: making it fails when the name is taken, and a rename may replace an empty folder. */
    boolean publish(Path draft, String name) {
        Path path = root.resolveWritable(name);
        try {
            sync(draft);
            if (!claim(path)) {
                return false;
            }
            try {
                Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
            } catch (DirectoryNotEmptyException | FileAlreadyExistsException e) {
                return false; // Somebody copied files by hand into the folder that was just made.
            } catch (IOException e) {
                Files.deleteIfExists(path);
                throw e;
            }
            sync(StoreRoot.parent(path));
            sync(root.path());
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean claim(Path path) throws IOException {
        while (true) {
            Files.createDirectories(StoreRoot.parent(path));
            try {
                Files.createDirectory(path);
                return true;
            } catch (FileAlreadyExistsException e) {
                return false;
            } catch (NoSuchFileException e) {
                // The parent was empty and another process removed it meanwhile: once more.
            }
        }
    }

    /** Never throws: what stays is a hidden leftover, removed later. */
    void removeTree(Path path) {
        try {
            FolderTree.delete(path);
        } catch (IOException e) {
            log.warn("{} could not be removed: {}; the next start tries again", path, e.toString());
        }
    }

    private void children(String parent, BiConsumer<String, BasicFileAttributes> each) {
        Path folder = root.resolve(parent);
        if (!root.isPlain(folder)) {
            return;
        }
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
            for (Path path : paths) {
                String name = String.valueOf(path.getFileName());
                if (StoreRoot.isName(name)) {
                    FolderTree.attributes(path).ifPresent(attributes -> each.accept(name, attributes));
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // Deleted since its parent was listed.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
