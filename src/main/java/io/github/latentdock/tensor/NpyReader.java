package io.github.latentdock.tensor;

import io.github.latentdock.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An array in NumPy's file format, read from its begin to its end with little in memory. One thread uses it at a time. */
public final class NpyReader {

    /** What every file has before the text of its header, in any version. */
    private static final int PREFIX = 12;

    private static final int BUFFER_BYTES = 1 << 16;

    private final String field;
    private final InputStream in;
    private final int[] shape;
    private final boolean fortranOrder;
    private final NpyType type;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

    private NpyReader(String field, InputStream in, NpyHeader header) {
        this.field = field;
        this.in = in;
        this.shape = header.shape().stream().mapToInt(Integer::intValue).toArray();
        this.fortranOrder = header.fortranOrder();
        this.type = NpyType.of(field, header.descr());
        this.buffer.order(header.descr().startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads the header and leaves the stream at the first value.
     *
     * @param field what problems call the file
     * @throws Problem {@code MALFORMED} when it is no such file; {@code INVALID} for a type that is not read
     */
    public static NpyReader open(String field, InputStream in) throws IOException {
        byte[] prefix = in.readNBytes(PREFIX);
        int rest = prefix.length < PREFIX ? 0 : NpyHeader.bytes(prefix) - PREFIX;
        byte[] text = in.readNBytes(rest);
        ByteBuffer head =
                ByteBuffer.allocate(prefix.length + text.length).put(prefix).put(text);
        NpyHeader header = NpyHeader.read(field, head.flip());
        return new NpyReader(field, in, header);
    }

    /** The dimensions, none for a single number. */
    public int[] shape() {
        return shape.clone();
    }

    /** Whether the first index runs fastest, instead of the last one. */
    public boolean isFortranOrder() {
        return fortranOrder;
    }

    /** Whether the numbers are unsigned bytes. */
    public boolean isBytes() {
        return type == NpyType.U1;
    }

    /** Bytes of one number in the file. */
    public int numberBytes() {
        return type.bytes();
    }

    /**
     * Reads the next values, in the order that the file has them in.
     *
     * @throws Problem {@code MALFORMED} when the file ends before
     */
    public void read(double[] into) throws IOException {
        int done = 0;
        while (done < into.length) {
            int count = Math.min(into.length - done, BUFFER_BYTES / type.bytes());
            int bytes = in.readNBytes(buffer.array(), 0, count * type.bytes());
            if (bytes < count * type.bytes()) {
                throw Problem.malformed(field, "%s is a .npy file that is cut off".formatted(field));
            }
            buffer.clear();
            for (int i = 0; i < count; i++) {
                into[done + i] = type.nextDouble(buffer);
            }
            done += count;
        }
    }

    /** @throws Problem {@code MALFORMED} when more follows than the shape tells of */
    public void requireEnd() throws IOException {
        if (in.read() >= 0) {
            throw Problem.malformed(field, "%s is a .npy file that holds more than its shape tells".formatted(field));
        }
    }
}
