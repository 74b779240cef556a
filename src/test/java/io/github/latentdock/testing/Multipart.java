package io.github.latentdock.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A request's body written by hand, since a client would correct the names that are tried here. */
public final class Multipart {

    public static final String BOUNDARY = "the-boundary";

    public static final String CONTENT_TYPE = "multipart/form-data; boundary=" + BOUNDARY;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public Multipart field(String name, String value) {
        out.writeBytes("--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                .formatted(BOUNDARY, name, value)
                .getBytes(StandardCharsets.UTF_8));
        return this;
    }

    public Multipart file(String name, String file, byte[] content) {
        out.writeBytes(
                "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                        .formatted(BOUNDARY, name, file.replace("\\", "\\\\"))
                        .getBytes(StandardCharsets.UTF_8));
        out.writeBytes(content);
        out.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** The body with its end, to be asked for once. */
    public byte[] bytes() {
        out.writeBytes("--%s--\r\n".formatted(BOUNDARY).getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }
}
