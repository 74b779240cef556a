package io.github.latentdock.tensor;

/**
 * The media types in which tensors travel beside {@code application/json}; constants, so that annotations can name
 * them.
 */
public final class ContentTypes {

    /** Raw little-endian float32, row-major; the row count is implied by the length. */
    public static final String RAW = "application/octet-stream";

    /** NumPy's array format. */
    public static final String NPY = "application/x-npy";

    public static final String PNG = "image/png";

    public static final String JPEG = "image/jpeg";

    private ContentTypes() {}
}
