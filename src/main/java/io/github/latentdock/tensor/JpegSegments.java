package io.github.latentdock.tensor;

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
        return new PictureFile(WireFormat.JPEG, width, height, Byte.toUnsignedInt(in.get(frame + 4)), essence.flip());
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
