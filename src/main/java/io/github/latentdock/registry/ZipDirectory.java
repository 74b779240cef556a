package io.github.latentdock.registry;

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
    private static final int ENTRY = 0x02014b50;
    private static final int ENTRY_BYTES = 46;
    private static final int MAX_ENTRIES = 1000;
    private static final long MAX_BYTES = 1 << 20;
    private static final int FILE_TYPE = 0170000;
    private static final int SYMBOLIC_LINK = 0120000;

    private ZipDirectory() {}

    /** @throws ZipException when this is no zip, or one with a directory far too large for a few files */
    static List<String> symbolicLinks(Path zip) throws IOException {
        try (var file = new RandomAccessFile(zip.toFile(), "r")) {
            ByteBuffer end = end(file);
            int entries = Short.toUnsignedInt(end.getShort(10));
            long bytes = Integer.toUnsignedLong(end.getInt(12));
            long begin = Integer.toUnsignedLong(end.getInt(16));
            // Zip64 has all bits set here: it is for more entries or bytes than are taken anyway.
            if (entries > MAX_ENTRIES || bytes > MAX_BYTES) {
                throw new ZipException("its directory has %d entries in %d bytes".formatted(entries, bytes));
            }
            if (begin + bytes > file.length()) {
                throw new ZipException("its directory lies outside of it");
            }
            return links(read(file, begin, (int) bytes));
        }
    }

    /** The end record, which is the last but for a comment. */
    private static ByteBuffer end(RandomAccessFile file) throws IOException {
        int length = (int) Math.min(file.length(), END_BYTES + MAX_COMMENT_BYTES);
        ByteBuffer tail = read(file, file.length() - length, length);
        for (int at = length - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END) {
                return tail.slice(at, END_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            }
        }
        throw new ZipException("it has no end record: it is truncated, or no zip");
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
