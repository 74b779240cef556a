package io.github.latentdock.tensor;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.nio.ByteBuffer;

/**
 * The segments of a JPEG file up to its first scan.
 *
 * @see <a href="https://www.w3.org/Graphics/JPEG/itu-t81.pdf">ITU-T T.81, annex B</a>
 */
final class JpegSegments {

    private static final int START_OF_IMAGE = 0xd8;
    private static final int START_OF_SCAN = 0xda;

    /**
     * JFIF and Adobe's: they tell how the channels are to be understood. The other 14 hold profiles, EXIF and the like.
     */
    private static final int JFIF = 0xe0;

    private static final int ADOBE = 0xee;

    /** A scan makes the decoder go over all pixels once more. Usual progressive pictures have about ten. */
    private static final int MAX_SCANS = 100;

    /** A byte of the picture and, if it is progressive, a coefficient of two bytes for each channel. */
    private static final int CHANNEL_BYTES = 3;

    private JpegSegments() {}

    static PictureFile read(String field, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.remaining() < 2 || marker(field, in) != START_OF_IMAGE) {
            throw damaged(field, "it does not start like one");
        }
        ByteBuffer essence = ByteBuffer.allocate(bytes.length).put(bytes, 0, in.position());
        int frame = -1;
        while (true) {
            int start = in.position();
            int marker = marker(field, in);
            if (in.remaining() < 2) {
                throw damaged(field, "it ends within its header");
            }
            int length = Short.toUnsignedInt(in.getShort(in.position()));
            if (length < 2 || length > in.remaining()) {
                throw damaged(field, "it ends within its header");
            }
            if (marker == START_OF_SCAN) {
                essence.put(bytes, start, bytes.length - start);
                break;
            }
            if (isFrame(marker)) {
                if (length < 8) {
                    throw damaged(field, "its header is cut off");
                }
                frame = in.position() + 3;
            }
            in.position(in.position() + length);
            if (marker < JFIF || marker == JFIF || marker == ADOBE) {
                essence.put(bytes, start, in.position() - start);
            }
        }
        if (frame < 0) {
            throw damaged(field, "it does not tell its size");
        }
        int height = Short.toUnsignedInt(in.getShort(frame));
        int width = Short.toUnsignedInt(in.getShort(frame + 2));
        if (width == 0 || height == 0) {
            throw damaged(field, "it has no pixels");
        }
        requireFewScans(field, essence.flip());
        int channels = Byte.toUnsignedInt(in.get(frame + 4));
        return new PictureFile(WireFormat.JPEG, width, height, channels, CHANNEL_BYTES * channels, essence);
    }

    /** Within a scan, 0xff is never followed by a marker's code unless it is one. */
    private static void requireFewScans(String field, ByteBuffer essence) {
        int scans = 0;
        for (int i = 1; i < essence.limit(); i++) {
            if (Byte.toUnsignedInt(essence.get(i)) == START_OF_SCAN && essence.get(i - 1) == (byte) 0xff) {
                scans++;
            }
        }
        if (scans > MAX_SCANS) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    field,
                    "%s is a picture of %d scans, at most %d are read".formatted(field, scans, MAX_SCANS));
        }
    }

    /** The next marker's code. Any number of 0xff bytes may go before it. */
    private static int marker(String field, ByteBuffer in) {
        boolean found = false;
        while (in.hasRemaining()) {
            int code = Byte.toUnsignedInt(in.get());
            if (code == 0xff) {
                found = true;
            } else if (found) {
                return code;
            } else {
                break;
            }
        }
        throw damaged(field, "a marker is missing");
    }

    /** Start of frame, of whatever process: T.81, table B.1. */
    private static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private static Problem damaged(String field, String what) {
        return PictureFile.damaged(field, WireFormat.JPEG, what);
    }
}
