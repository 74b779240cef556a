package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Native memory that Java writes and PyTorch reads in place. It starts where PyTorch's own does, at a multiple of 64 bytes: with
 * another alignment a matrix product may be summed in another order.
 */
record Aligned(MemorySegment segment, ByteBuffer buffer) {

    private static final int ALIGNMENT = 64;

    static Aligned allocate(Arena arena, int floats) {
        MemorySegment segment = arena.allocate(4L * floats, ALIGNMENT);
        return new Aligned(segment, segment.asByteBuffer().order(ByteOrder.nativeOrder()));
    }

    void write(float[] values, int length) {
        MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, 0, length);
    }

    /** An array over the beginning of this memory, not a copy. */
    NDArray array(NDManager manager, Shape shape) {
        int bytes = Math.toIntExact(Float.BYTES * shape.size());
        return manager.create(buffer.slice(0, bytes).order(ByteOrder.nativeOrder()), shape, DataType.FLOAT32);
    }
}
