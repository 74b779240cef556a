package io.github.latentdock.tensor;

import io.github.latentdock.problem.Problem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Little-endian float32 values in row-major order, without a header: as many rows as fit. */
final class RawFloats implements Payload {

    private final byte[] bytes;

    RawFloats(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public Tensor rows(String field, int[] rowShape, ValueRange range, boolean resize) {
        if (bytes.length == 0) {
            throw RowCheck.empty(field);
        }
        long rowBytes = Float.BYTES * Tensor.size(rowShape);
        if (bytes.length % rowBytes != 0) {
            throw Problem.invalid(
                    field,
                    "%s has %d bytes, a row of shape %s takes %d as float32: a multiple of that is needed"
                            .formatted(field, bytes.length, Arrays.toString(rowShape), rowBytes));
        }
        float[] values = read(ByteBuffer.wrap(bytes));
        int rows = (int) (bytes.length / rowBytes);
        return RowCheck.check(field, RowCheck.withRows(rows, rowShape), values, rowShape);
    }

    /** All that remains in the buffer. */
    static float[] read(ByteBuffer bytes) {
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    static byte[] write(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }
}
