package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The bytes of an uploaded file, unpacked when they were packed with gzip. */
final class Content {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int GZIP_BYTES = 2;

    private Content() {}

    /** @throws Problem {@code MALFORMED}, also later while it is read, when what is packed is damaged or cut off */
    static BufferedInputStream unpacked(String field, InputStream raw) throws IOException {
        var content = new BufferedInputStream(raw, BUFFER_BYTES);
        content.mark(GZIP_BYTES);
        boolean packed = content.read() == 0x1f && content.read() == 0x8b;
        content.reset();
        return packed ? new BufferedInputStream(new Unpacked(field, gzip(field, content)), BUFFER_BYTES) : content;
    }

    private static InputStream gzip(String field, InputStream packed) throws IOException {
        try {
            return new GZIPInputStream(packed, BUFFER_BYTES);
        } catch (ZipException | EOFException e) {
            throw damaged(field, e);
        }
    }

    private static Problem damaged(String field, IOException why) {
        return Problem.malformed(
                field, "%s cannot be unpacked, it is damaged or cut off: %s".formatted(field, why.getMessage()));
    }

    private static final class Unpacked extends FilterInputStream {

        private final String field;

        Unpacked(String field, InputStream in) {
            super(in);
            this.field = field;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            try {
                return super.read(bytes, from, length);
            } catch (ZipException | EOFException e) {
                throw damaged(field, e);
            }
        }
    }
}
