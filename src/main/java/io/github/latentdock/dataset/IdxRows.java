package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * The rows of an IDX file, in which MNIST and its kin are kept: two zero bytes, a type, the number of dimensions, the dimensions,
 * the values, all of it big-endian.
 *
 * @see <a href="https://yann.lecun.org/exdb/mnist/">the end of MNIST's page</a>
 */
final class IdxRows implements Rows {

    private static final int UNSIGNED_BYTE = 0x08;
    private static final int MAX_DIMENSIONS = 8;
    private static final int BUFFER_BYTES = 1 << 16;

    private final String field;
    private final InputStream in;
    private final int type;
    private final int typeBytes;
    private final int count;
    private final int[] shape;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private int read;

    IdxRows(String field, InputStream in) throws IOException {
        this.field = field;
        this.in = in;
        fill(4);
        if (buffer.getShort() != 0) {
            throw malformed("is no IDX file, it does not start with two zero bytes");
        }
        this.type = Byte.toUnsignedInt(buffer.get());
        this.typeBytes = bytes();
        int dimensions = Byte.toUnsignedInt(buffer.get());
        if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
            throw malformed("is an IDX file of %d dimensions, 1 to %d are read".formatted(dimensions, MAX_DIMENSIONS));
        }
        fill(Integer.BYTES * dimensions);
        this.count = dimension();
        this.shape = new int[dimensions - 1];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = dimension();
        }
    }

    private int bytes() {
        return switch (type) {
            case UNSIGNED_BYTE, 0x09 -> Byte.BYTES;
            case 0x0b -> Short.BYTES;
            case 0x0c -> Integer.BYTES;
            case 0x0d -> Float.BYTES;
            case 0x0e -> Double.BYTES;
            default -> throw malformed("is an IDX file of the unknown type 0x%02x".formatted(type));
        };
    }

    private int dimension() {
        int dimension = buffer.getInt();
        if (dimension < 0) {
            throw malformed("is an IDX file of an impossible shape");
        }
        return dimension;
    }

    @Override
    public int[] shape() {
        return shape;
    }

    @Override
    public boolean isBytes() {
        return type == UNSIGNED_BYTE;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public boolean next(double[] values) throws IOException {
        if (read == count) {
            if (in.read() >= 0) {
                throw malformed("is an IDX file that holds more than its %d rows".formatted(count));
            }
            return false;
        }
        int done = 0;
        while (done < values.length) {
            int part = Math.min(values.length - done, BUFFER_BYTES / typeBytes);
            fill(part * typeBytes);
            for (int i = 0; i < part; i++) {
                values[done + i] = number();
            }
            done += part;
        }
        read++;
        return true;
    }

    private double number() {
        return switch (type) {
            case UNSIGNED_BYTE -> Byte.toUnsignedInt(buffer.get());
            case 0x09 -> buffer.get();
            case 0x0b -> buffer.getShort();
            case 0x0c -> buffer.getInt();
            case 0x0d -> buffer.getFloat();
            default -> buffer.getDouble();
        };
    }

    private void fill(int bytes) throws IOException {
        if (in.readNBytes(buffer.array(), 0, bytes) < bytes) {
            throw malformed("is an IDX file that is cut off%s".formatted(shape == null ? "" : " in row " + read));
        }
        buffer.clear();
    }

    private Problem malformed(String what) {
        return Problem.malformed(field, field + " " + what);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
