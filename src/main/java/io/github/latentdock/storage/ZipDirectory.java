package io.github.latentdock.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipException;

/**
 * The names in a zip's central directory that stand for symbolic links, which {@link java.util.zip.ZipFile} does not tell. Looked
 * at before that class, which takes a directory of any size into memory.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE.TXT, 4.3.12 and 4.3.16</a>
 */
final class ZipDirectory {

    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int MAX_COMMENT_BYTES = 0xffff;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int LOCATOR_64_BYTES = 20;
    private static final int END_64 = 0x06064b50;
    private static final int END_64_BYTES = 56;
    private static final int ENTRY = 0x02014b50;
    private static final int ENTRY_BYTES = 46;
    private static final int FILE_TYPE = 0170000;
    private static final int SYMBOLIC_LINK = 0120000;

    private ZipDirectory() {}

    /** Where the directory lies, and how many entries it has. */
    private record Place(long begin, long bytes, long entries) {}

    /** @throws ZipException when this is no zip, or one with a larger directory than that */
    static List<String> symbolicLinks(Path zip, int maxEntries, int maxBytes) throws IOException {
        try (var file = new RandomAccessFile(zip.toFile(), "r")) {
            Place directory = place(file);
            if (directory.entries > maxEntries || directory.bytes > maxBytes) {
                throw new ZipException(
                        "its directory has %d entries in %d bytes, at most %d entries in %d bytes are read"
                                .formatted(directory.entries, directory.bytes, maxEntries, maxBytes));
            }
            if (directory.begin < 0 || directory.bytes < 0 || directory.begin > file.length() - directory.bytes) {
                throw new ZipException("its directory lies outside of it");
            }
            return links(read(file, directory.begin, (int) directory.bytes));
        }
    }

    /** From the end record, which is the last but for a comment, or from that of Zip64, which has more digits. */
    private static Place place(RandomAccessFile file) throws IOException {
        int length = (int) Math.min(file.length(), LOCATOR_64_BYTES + END_BYTES + MAX_COMMENT_BYTES);
        ByteBuffer tail = read(file, file.length() - length, length);
        for (int at = length - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END) {
                int locator = at - LOCATOR_64_BYTES;
                if (locator >= 0 && tail.getInt(locator) == LOCATOR_64) {
                    return place64(file, tail.getLong(locator + 8));
                }
                return new Place(
                        Integer.toUnsignedLong(tail.getInt(at + 16)),
                        Integer.toUnsignedLong(tail.getInt(at + 12)),
                        Short.toUnsignedInt(tail.getShort(at + 10)));
            }
        }
        throw new ZipException("it has no end record: it is truncated, or no zip");
    }

    private static Place place64(RandomAccessFile file, long at) throws IOException {
        if (at < 0 || at > file.length() - END_64_BYTES) {
            throw new ZipException("its end record lies outside of it");
        }
        ByteBuffer end = read(file, at, END_64_BYTES);
        if (end.getInt(0) != END_64) {
            throw new ZipException("its end record is missing");
        }
        return new Place(end.getLong(48), end.getLong(40), end.getLong(32));
    }

    private static List<String> links(ByteBuffer directory) {
        var links = new ArrayList<String>();
        int at = 0;
        while (directory.limit() - at >= ENTRY_BYTES && directory.getInt(at) == ENTRY) {
            int name = Short.toUnsignedInt(directory.getShort(at + 28));
            int extra = Short.toUnsignedInt(directory.getShort(at + 30));
            int comment = Short.toUnsignedInt(directory.getShort(at + 32));
            int unixMode = directory.getInt(at + 38) >>> 16;
            if ((unixMode & FILE_TYPE) == SYMBOLIC_LINK && directory.limit() - at - ENTRY_BYTES >= name) {
                byte[] bytes = new byte[name];
                directory.get(at + ENTRY_BYTES, bytes);
                links.add(new String(bytes, StandardCharsets.UTF_8));
            }
            at += ENTRY_BYTES + name + extra + comment;
        }
        return links;
    }

    private static ByteBuffer read(RandomAccessFile file, long from, int length) throws IOException {
        byte[] bytes = new byte[length];
        file.seek(from);
        file.readFully(bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
