package io.github.latentdock.dataset;

import io.github.latentdock.storage.Draft;
import io.github.latentdock.tensor.NpyReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.StandardOpenOption;

/**
 * The values of a .npy file in Fortran order, in which the first index runs fastest: the first value of every row, then every
 * second one. They are copied to the disk, and rows are gathered from there: neighbouring rows lie side by side in the pages that
 * are mapped, so little of a large file is in memory at once.
 */
final class Columns implements Closeable {

    private static final ValueLayout.OfFloat FLOAT32 = ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CHUNK = 1 << 13;

    private final long rows;
    private final boolean bytes;
    private final int[] places;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment values;

    /**
     * Reads the file to its end.
     *
     * @param shape of a row
     * @param copy the name of the file that is made for it
     */
    Columns(NpyReader file, int[] shape, Draft scratch, String copy) throws IOException {
        this.rows = file.shape()[0];
        this.bytes = file.isBytes();
        this.places = places(shape);
        try {
            copy(file, scratch, copy);
            try (FileChannel channel = FileChannel.open(scratch.folder().resolve(copy), StandardOpenOption.READ)) {
                this.values = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
            }
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** For each value of a row, the last index running fastest, where it is when the first one does. */
    private static int[] places(int[] shape) {
        int[] places = {0};
        int stride = 1;
        for (int dimension : shape) {
            int[] next = new int[places.length * dimension];
            for (int i = 0; i < next.length; i++) {
                next[i] = places[i / dimension] + i % dimension * stride;
            }
            places = next;
            stride *= dimension;
        }
        return places;
    }

    /** As what a dataset keeps: bytes, or float32. */
    private void copy(NpyReader file, Draft scratch, String copy) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (OutputStream out = scratch.open(copy)) {
            for (long left = rows * places.length; left > 0; left -= CHUNK) {
                double[] next = new double[(int) Math.min(left, CHUNK)];
                file.read(next);
                chunk.clear();
                for (double value : next) {
                    if (bytes) {
                        chunk.put((byte) value);
                    } else {
                        chunk.putFloat((float) value);
                    }
                }
                out.write(chunk.array(), 0, chunk.position());
            }
        }
    }

    void row(int row, double[] into) {
        for (int i = 0; i < into.length; i++) {
            long place = places[i] * rows + row;
            into[i] = bytes
                    ? Byte.toUnsignedInt(values.get(ValueLayout.JAVA_BYTE, place))
                    : values.get(FLOAT32, place * Float.BYTES);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
