package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The bytes of an uploaded file, unpacked when they were packed with gzip. */
final class Content {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int GZIP_BYTES = 2;

    private Content() {}

    /** @throws Problem {@code MALFORMED}, also later while it is read, when what is packed is damaged or cut off */
    static BufferedInputStream unpacked(String field, InputStream raw) throws IOException {
        var content = new BufferedInputStream(raw, BUFFER_BYTES);
        content.mark(GZIP_BYTES);
        boolean packed = Gunzip.begins(content.read(), content.read());
        content.reset();
        return packed ? new BufferedInputStream(new Gunzip(field, content), BUFFER_BYTES) : content;
    }
}
