package io.github.latentdock.tensor;

import io.github.latentdock.problem.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** An array in NumPy's file format. Whatever type its numbers have, they are taken as they are: 255 stays 255. */
final class NpyFile implements Payload {

    private final byte[] bytes;

    NpyFile(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public Tensor rows(String field, int[] rowShape, ValueRange range, boolean resize) {
        ByteBuffer file = ByteBuffer.wrap(bytes);
        NpyHeader header = NpyHeader.read(field, file);
        int[] shape = header.shape().stream().mapToInt(Integer::intValue).toArray();
        NpyType type = NpyType.of(field, header.descr());
        checkLength(field, shape, type, file.remaining());
        file.order(header.descr().startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        float[] values = values(type, file);
        return RowCheck.check(field, shape, header.fortranOrder() ? rowMajor(shape, values) : values, rowShape);
    }

    @Override
    public long unpackedBytes() {
        try {
            ByteBuffer file = ByteBuffer.wrap(bytes);
            NpyHeader header = NpyHeader.read("body", file);
            long values = file.remaining() / NpyType.of("body", header.descr()).bytes();
            return Float.BYTES * values * (header.fortranOrder() ? 2 : 1);
        } catch (Problem e) {
            return 0;
        }
    }

    static void write(Tensor tensor, OutputStream out) throws IOException {
        out.write(new NpyHeader(
                        "<f4", false, Arrays.stream(tensor.shape()).boxed().toList())
                .write());
        out.write(RawFloats.write(tensor.values()));
    }

    private static void checkLength(String field, int[] shape, NpyType type, int given) {
        long needed;
        try {
            needed = Math.multiplyExact(Tensor.size(shape), type.bytes());
        } catch (ArithmeticException e) {
            needed = Long.MAX_VALUE;
        }
        if (needed != given) {
            throw Problem.malformed(
                    field,
                    "%s is a .npy file of shape %s, which takes %d bytes, and holds %d"
                            .formatted(field, Arrays.toString(shape), needed, given));
        }
    }

    private static float[] values(NpyType type, ByteBuffer file) {
        float[] values = new float[file.remaining() / type.bytes()];
        if (type == NpyType.F4) {
            file.asFloatBuffer().get(values);
            return values;
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = type.next(file);
        }
        return values;
    }

    /** Brings values whose first index runs fastest into the order in which the last one does. */
    private static float[] rowMajor(int[] shape, float[] values) {
        int[] index = new int[shape.length];
        float[] ordered = new float[values.length];
        for (float value : values) {
            int position = 0;
            for (int axis = 0; axis < shape.length; axis++) {
                position = position * shape[axis] + index[axis];
            }
            ordered[position] = value;
            for (int axis = 0; axis < shape.length && ++index[axis] == shape[axis]; axis++) {
                index[axis] = 0;
            }
        }
        return ordered;
    }
}
