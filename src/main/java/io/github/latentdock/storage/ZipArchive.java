package io.github.latentdock.storage;

import io.github.latentdock.problem.Problem;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A zip on the disk that somebody sent. Its directory is bounded before it is taken into memory, and nothing is ever unpacked by
 * the names in it.
 */
public final class ZipArchive implements AutoCloseable {

    private static final Set<String> UNASKED = Set.of("__macosx", "thumbs.db", "desktop.ini");

    private final ZipFile zip;
    private final List<String> symbolicLinks;

    private ZipArchive(ZipFile zip, List<String> symbolicLinks) {
        this.zip = zip;
        this.symbolicLinks = symbolicLinks;
    }

    /**
     * @param name what the upload called it
     * @param maxEntries how many files may be in it
     * @param maxBytes how long the list of their names may be
     * @throws Problem {@code MALFORMED} when it is no zip, or has more files or longer names
     */
    public static ZipArchive open(Path file, String name, int maxEntries, int maxBytes) throws IOException {
        try {
            List<String> links = ZipDirectory.symbolicLinks(file, maxEntries, maxBytes);
            return new ZipArchive(new ZipFile(file.toFile()), links);
        } catch (ZipException | EOFException e) {
            throw Problem.malformed(name, "%s cannot be read as a zip: %s".formatted(name, e.getMessage()));
        }
    }

    /** Files and folders, in the order of the directory. */
    public List<ZipEntry> entries() {
        return zip.stream().<ZipEntry>map(entry -> entry).toList();
    }

    /** Files without those that file managers put into zips unasked, such as {@code __MACOSX/…}, {@code .DS_Store} and Thumbs.db. */
    public List<ZipEntry> files() {
        return entries().stream()
                .filter(entry -> !entry.isDirectory() && !isUnasked(entry.getName()))
                .toList();
    }

    private static boolean isUnasked(String name) {
        return Arrays.stream(name.split("[/\\\\]"))
                .anyMatch(part -> UNASKED.contains(part.toLowerCase(Locale.ROOT))
                        || (part.startsWith(".") && !part.equals(".") && !part.equals("..")));
    }

    /** The names of entries that stand for links. */
    public List<String> symbolicLinks() {
        return symbolicLinks;
    }

    /** A file's content. Reading what cannot be unpacked, or has a wrong checksum, is a {@link Problem} that names the entry. */
    public InputStream content(ZipEntry entry) throws IOException {
        return new CheckedInputStream(zip.getInputStream(entry), new CRC32()) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                try {
                    int read = super.read(buffer, offset, length);
                    if (read < 0 && getChecksum().getValue() != entry.getCrc()) {
                        throw new ZipException("its checksum is wrong");
                    }
                    return read;
                } catch (ZipException | EOFException e) {
                    throw Problem.malformed(
                            entry.getName(), "%s cannot be unpacked: %s".formatted(entry.getName(), e.getMessage()));
                }
            }
        };
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
