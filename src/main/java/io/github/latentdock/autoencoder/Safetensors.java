package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A file of named tensors in the safetensors format: eight bytes of header length, the header in JSON, the data. The file is
 * mapped, not read, and may be larger than 2 GiB; it must not change while it is open. May be used by several threads.
 *
 * <p>What a header says is believed only after it was checked, so a file from a stranger is safe to open.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">safetensors</a>
 */
public final class Safetensors implements AutoCloseable {

    private static final int MAX_HEADER_BYTES = 100_000_000;
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final MemorySegment data;
    private final SafetensorsHeader header;

    /**
     * A tensor of the file.
     *
     * @param shape its dimensions; empty for a single value
     * @param begin where its bytes begin, counted from the end of the header
     * @param end where they end, exclusively
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody; a list of boxes would help nobody
    public record Entry(Dtype dtype, int[] shape, long begin, long end) {}

    /**
     * Values to be written.
     *
     * @param values as many as the shape holds, in row-major order
     */
    @SuppressWarnings("ArrayRecordComponent") // the values are handed over, not copied or compared
    public record Values(int[] shape, float[] values) {

        public Values {
            long size = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
            if (size != values.length) {
                throw new IllegalArgumentException(
                        "shape %s does not hold %d values".formatted(Arrays.toString(shape), values.length));
            }
        }
    }

    private Safetensors(Arena arena, MemorySegment data, SafetensorsHeader header) {
        this.arena = arena;
        this.data = data;
        this.header = header;
    }

    /**
     * @throws InvalidModelException when the file is not whole and consistent; the fault names the tensor, or the file
     * @throws UncheckedIOException when the file cannot be read
     */
    @SuppressWarnings("MustBeClosedChecker")
    public static Safetensors open(Path path) {
        String name = String.valueOf(path.getFileName());
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < LENGTH.byteSize()) {
                throw new InvalidModelException(
                        name, "has %d bytes, too few for a safetensors file: it is truncated".formatted(size));
            }
            MemorySegment file = channel.map(MapMode.READ_ONLY, 0, size, arena);
            long length = file.get(LENGTH, 0);
            long begin = LENGTH.byteSize() + length;
            if (length < 0 || length > MAX_HEADER_BYTES) {
                throw new InvalidModelException(
                        name,
                        "says that its header has %s bytes; at most %d are allowed: not a safetensors file"
                                .formatted(Long.toUnsignedString(length), MAX_HEADER_BYTES));
            }
            if (begin > size) {
                throw new InvalidModelException(
                        name,
                        "says that its header has %d bytes, but has only %d bytes: it is truncated"
                                .formatted(length, size));
            }
            byte[] json = file.asSlice(LENGTH.byteSize(), length).toArray(ValueLayout.JAVA_BYTE);
            SafetensorsHeader header = SafetensorsHeader.parse(name, json, size - begin);
            opened = true;
            return new Safetensors(arena, file.asSlice(begin), header);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    /** The tensors by key, in the order of the header. */
    public SequencedMap<String, Entry> entries() {
        return header.entries();
    }

    /** The shapes by key, in the order of the header. */
    public SequencedMap<String, int[]> shapes() {
        var shapes = new LinkedHashMap<String, int[]>();
        header.entries().forEach((key, entry) -> shapes.put(key, entry.shape()));
        return shapes;
    }

    /** What the writer added in words, the header's {@code __metadata__}; empty where there is none. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /**
     * A copy of a tensor's values as float32, in row-major order.
     *
     * @throws IllegalArgumentException when there is no such key
     * @throws InvalidModelException when there are more values than an array holds
     */
    public float[] floats(String key) {
        Entry entry = entry(key);
        long count = (entry.end() - entry.begin()) / entry.dtype().bytes();
        if (count > Integer.MAX_VALUE - 8) {
            throw new InvalidModelException(key, "has %d values, more than fit an array".formatted(count));
        }
        float[] values = new float[(int) count];
        entry.dtype().read(segment(entry), values);
        return values;
    }

    /**
     * A tensor's bytes as they are mapped, little-endian and read-only, without a copy; not to be used after {@link #close()}.
     *
     * @throws IllegalArgumentException when there is no such key
     * @throws InvalidModelException when there are more bytes than a buffer holds
     */
    public ByteBuffer bytes(String key) {
        Entry entry = entry(key);
        if (entry.end() - entry.begin() > Integer.MAX_VALUE) {
            throw new InvalidModelException(
                    key, "has %d bytes, more than fit a buffer".formatted(entry.end() - entry.begin()));
        }
        return segment(entry).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** @throws InvalidModelException naming every tensor that has a NaN or an infinity */
    public void requireFinite() {
        List<Fault> faults = header.entries().entrySet().stream()
                .filter(named -> !named.getValue().dtype().finite(segment(named.getValue())))
                .map(named -> new Fault(named.getKey(), "has a NaN or an infinity"))
                .toList();
        if (!faults.isEmpty()) {
            throw new InvalidModelException(faults);
        }
    }

    /**
     * Writes float32 tensors so that PyTorch reads them, and flushes them to the disk. An existing file is replaced.
     *
     * @throws UncheckedIOException when the file cannot be written
     */
    public static void write(Path path, SequencedMap<String, Values> tensors) {
        SafetensorsWriter.write(path, tensors);
    }

    /** Unmaps the file. Nothing may be reading. */
    @Override
    public void close() {
        arena.close();
    }

    private Entry entry(String key) {
        Entry entry = header.entries().get(key);
        if (entry == null) {
            throw new IllegalArgumentException(
                    "no tensor '%s' among %s".formatted(key, header.entries().keySet()));
        }
        return entry;
    }

    private MemorySegment segment(Entry entry) {
        return data.asSlice(entry.begin(), entry.end() - entry.begin());
    }
}
