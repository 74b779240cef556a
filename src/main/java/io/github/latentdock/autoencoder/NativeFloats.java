package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;

/**
 * Between Java's arrays and PyTorch's own memory, which is free again as soon as its manager closes. What DJL's {@code create} makes of
 * an array lies in a direct buffer, and {@code toFloatArray} reads by way of another array: both stay until the garbage collector
 * comes by, which it need not for minutes where little else is thrown away.
 */
final class NativeFloats {

    private NativeFloats() {}

    /** A copy of all values. */
    static NDArray copy(float[] values, Shape shape, NDManager manager) {
        return copy(values, values.length, shape, manager);
    }

    /** A copy of the first values, as many as the shape has. */
    static NDArray copy(float[] values, int length, Shape shape, NDManager manager) {
        if (shape.size() != length) {
            throw new IllegalArgumentException("%d values are none of shape %s".formatted(length, shape));
        }
        NDArray array = manager.create(shape, DataType.FLOAT32);
        buffer(array).put(values, 0, length);
        return array;
    }

    /** What a source gives, value after value. */
    static NDArray fill(Source source, Shape shape, NDManager manager) {
        if (shape.size() > Integer.MAX_VALUE / Float.BYTES) {
            throw new IllegalArgumentException("an array of shape %s is larger than a buffer can be".formatted(shape));
        }
        NDArray array = manager.create(shape, DataType.FLOAT32);
        FloatBuffer values = buffer(array);
        while (values.hasRemaining()) {
            values.put(source.next());
        }
        return array;
    }

    @FunctionalInterface
    interface Source {
        float next();
    }

    /** Reads all values of an array into the beginning of another. */
    static void read(NDArray from, float[] into) {
        buffer(from).get(into, 0, Math.toIntExact(from.size()));
    }

    private static FloatBuffer buffer(NDArray array) {
        return array.toByteBuffer(true).asFloatBuffer();
    }
}
