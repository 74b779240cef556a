package io.github.latentdock.tensor;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;

/** A PNG or JPEG picture of which only the header was read, as its first bytes tell. */
public final class StoredPicture {

    private static final byte PNG = (byte) 0x89;
    private static final byte JPEG = (byte) 0xff;

    private final Picture picture;
    private final int[] shape;

    private StoredPicture(Picture picture, PictureFile file) {
        this.picture = picture;
        this.shape = new int[] {file.channels(), file.height(), file.width()};
    }

    /**
     * @param field what problems call it
     * @param maxBytes what it may take in memory when it is decoded
     * @throws Problem {@code MALFORMED} when it is neither, or damaged; {@code TOO_LARGE}; {@code INVALID} for a colour model that is
     *     not read
     */
    public static StoredPicture of(String field, byte[] bytes, long maxBytes) {
        WireFormat format = format(field, bytes);
        var picture = new Picture(format, bytes);
        PictureFile file = picture.file(field);
        if (file.rasterBytes() > maxBytes) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    field,
                    "%s is a picture of %d x %d pixels, which takes %d bytes, at most %d are allowed"
                            .formatted(field, file.width(), file.height(), file.rasterBytes(), maxBytes));
        }
        return new StoredPicture(picture, file);
    }

    /** Whether bytes may be a picture, as far as the first one tells. */
    public static boolean begins(int first) {
        return (byte) first == PNG || (byte) first == JPEG;
    }

    private static WireFormat format(String field, byte[] bytes) {
        return switch (bytes.length == 0 ? 0 : bytes[0]) {
            case PNG -> WireFormat.PNG;
            case JPEG -> WireFormat.JPEG;
            default -> throw Problem.malformed(field, "%s is neither a PNG nor a JPEG picture".formatted(field));
        };
    }

    /** {@code [channels, height, width]}, with one channel (grey) or three (RGB). */
    public int[] shape() {
        return shape.clone();
    }

    /**
     * The values in [0, 1].
     *
     * @param wanted {@code [channels, height, width]}; from another shape it is scaled and converted
     * @throws Problem {@code MALFORMED} when it is damaged
     */
    public float[] values(String field, int... wanted) {
        return picture.rows(field, wanted, ValueRange.UNIT, true).values();
    }
}
