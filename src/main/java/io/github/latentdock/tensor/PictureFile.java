package io.github.latentdock.tensor;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A picture that is not decoded yet, so that a small body cannot make us unpack gigabytes before its size is known.
 *
 * @param channels of colour, as stored: 1 for grey, 3 for RGB or a palette, 4 for CMYK
 * @param pixelBytes what decoding needs for a pixel, at the most
 * @param essence the parts that decoding needs, up to the buffer's limit. Colour profiles, gamma, EXIF and texts are
 *     left out: the numbers that are stored are the numbers that are meant
 */
record PictureFile(WireFormat format, int width, int height, int channels, int pixelBytes, ByteBuffer essence) {

    /** 4096 x 4096, more than a model's input was ever scaled down from. */
    static final int MAX_PIXELS = 1 << 24;

    /**
     * Reads the header.
     *
     * @throws Problem when the bytes are no picture of the format, or one of too many pixels or of a colour model that
     *     is not read
     */
    static PictureFile read(String field, WireFormat format, byte[] bytes) {
        PictureFile file = format == WireFormat.PNG ? PngChunks.read(field, bytes) : JpegSegments.read(field, bytes);
        if ((long) file.width * file.height > MAX_PIXELS) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    field,
                    "%s is a picture of %d x %d pixels, at most %d pixels are read"
                            .formatted(field, file.width, file.height, MAX_PIXELS));
        }
        if (file.channels != 1 && file.channels != 3) {
            throw Problem.invalid(
                    field,
                    "%s is a picture of %d colour channels (CMYK has 4), grey has 1 and RGB 3: one of these is needed"
                            .formatted(field, file.channels));
        }
        return file;
    }

    /** What decoding takes beside the file. */
    long rasterBytes() {
        return (long) width * height * pixelBytes;
    }

    Pixels decode(String field) {
        ImageReader reader = ImageIO.getImageReadersByFormatName(format.name()).next();
        byte[] bytes = new byte[essence.limit()];
        essence.get(0, bytes);
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(in, true, true);
            // What is damaged or cut off is otherwise filled up with grey.
            reader.addIIOReadWarningListener((source, warning) -> {
                throw new IllegalStateException(warning);
            });
            return new Pixels(reader.read(0), channels);
        } catch (IOException | RuntimeException e) {
            // The decoders of the JDK answer damaged pictures with exceptions of many kinds.
            throw Problem.malformed(
                    field,
                    "%s is a %s picture that cannot be decoded: it is damaged or of a rare kind"
                            .formatted(field, format));
        } finally {
            reader.dispose();
        }
    }

    static Problem damaged(String field, WireFormat format, String what) {
        return Problem.malformed(field, "%s is no whole %s picture: %s".formatted(field, format, what));
    }
}
