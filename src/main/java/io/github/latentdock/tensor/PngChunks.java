package io.github.latentdock.tensor;

import io.github.latentdock.problem.Problem;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file, each with its checksum.
 *
 * @see <a href="https://www.w3.org/TR/png-3/#5DataRep">PNG, section 5</a>
 */
final class PngChunks {

    private static final long SIGNATURE = 0x89504e470d0a1a0aL;

    /** The chunks without which the stored numbers cannot be decoded, transparency included. */
    private static final Set<String> ESSENTIAL = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

    /** Length, name and checksum. */
    private static final int FRAME = 12;

    private PngChunks() {}

    static PictureFile read(String field, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < Long.BYTES || in.getLong() != SIGNATURE) {
            throw damaged(
                    field,
                    bytes.length >= Integer.BYTES && in.getInt(0) == (int) (SIGNATURE >>> Integer.SIZE)
                            ? "its line breaks are gone, as after curl's -d, which is for text; --data-binary sends bytes"
                            : "it does not start like one");
        }
        ByteBuffer essence = ByteBuffer.allocate(bytes.length).putLong(SIGNATURE);
        String name = "";
        while (!name.equals("IEND")) {
            boolean first = name.isEmpty();
            int start = in.position();
            name = next(field, in);
            if (first != name.equals("IHDR")) {
                throw damaged(field, "its header is not in its place");
            }
            if (ESSENTIAL.contains(name)) {
                essence.put(bytes, start, in.position() - start);
            }
        }
        return header(field, essence.flip());
    }

    /** Goes over the next chunk and tells its name. */
    private static String next(String field, ByteBuffer in) {
        int start = in.position();
        int length = in.remaining() < FRAME ? -1 : in.getInt();
        if (length < 0 || length > in.remaining() - FRAME + Integer.BYTES) {
            throw damaged(field, "it ends within a chunk");
        }
        byte[] chunk = new byte[Integer.BYTES + length];
        in.get(chunk);
        var checksum = new CRC32();
        checksum.update(chunk);
        if ((int) checksum.getValue() != in.getInt()) {
            throw damaged(field, "the checksum of the chunk at byte %d is wrong".formatted(start));
        }
        return new String(chunk, 0, Integer.BYTES, StandardCharsets.ISO_8859_1);
    }

    private static PictureFile header(String field, ByteBuffer essence) {
        ByteBuffer header = essence.duplicate().position(Long.BYTES + 2 * Integer.BYTES);
        try {
            int width = header.getInt();
            int height = header.getInt();
            int bits = header.get();
            int colourType = header.get();
            if (width <= 0 || height <= 0) {
                throw damaged(field, "it has no pixels");
            }
            boolean grey = colourType == 0 || colourType == 4;
            int pixelBytes = (grey ? 2 : 4) * (bits == 16 ? 2 : 1);
            return new PictureFile(WireFormat.PNG, width, height, grey ? 1 : 3, pixelBytes, essence);
        } catch (BufferUnderflowException e) {
            throw damaged(field, "its header is cut off");
        }
    }

    private static Problem damaged(String field, String what) {
        return PictureFile.damaged(field, WireFormat.PNG, what);
    }
}
