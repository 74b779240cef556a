package io.github.latentdock.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a file's content is known by.
 *
 * @param sha256 64 lower-case hexadecimal digits
 * @param bytes the length
 */
public record FileDigest(String sha256, long bytes) {

    private static final int BUFFER_BYTES = 1 << 16;

    /**
     * Reads a file once; a symbolic link is not followed.
     *
     * @throws UncheckedIOException when it cannot be read
     */
    public static FileDigest of(Path file) {
        try (InputStream content = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return copy(content, OutputStream.nullOutputStream(), Long.MAX_VALUE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a stream to its end. */
    public static FileDigest of(InputStream content) throws IOException {
        return copy(content, OutputStream.nullOutputStream(), Long.MAX_VALUE);
    }

    /** Copies at most {@code limit} bytes and one more, which tells the caller that there is more than allowed. */
    static FileDigest copy(InputStream from, OutputStream to, long limit) throws IOException {
        MessageDigest sha256 = newSha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        long bytes = 0;
        for (int read = from.read(buffer); read >= 0 && bytes <= limit; read = from.read(buffer)) {
            int wanted = read <= limit - bytes ? read : (int) (limit - bytes + 1);
            sha256.update(buffer, 0, wanted);
            to.write(buffer, 0, wanted);
            bytes += wanted;
        }
        return new FileDigest(HexFormat.of().formatHex(sha256.digest()), bytes);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
