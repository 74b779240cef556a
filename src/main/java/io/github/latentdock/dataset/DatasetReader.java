package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The examples of a dataset, by their rows. Its files are mapped into memory: nothing is on the heap, they may be of any size, of
 * which a few megabytes are resident at a time, and they can be read until this is closed even when the dataset is deleted meanwhile.
 * Any number of threads may read at once.
 */
public final class DatasetReader implements AutoCloseable {

    /** Of values and masks. */
    static final long MOST_RESIDENT = 32 << 20;

    private static final ValueLayout.OfFloat FLOAT32 =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Bytes at a time. */
    private static final int COPIED = 1 << 12;

    /** What each byte stands for, as a value and in a mask. */
    private static final float[] UNIT = new float[256];

    private static final float[] OBSERVED = new float[256];

    static {
        for (int i = 0; i < UNIT.length; i++) {
            UNIT[i] = i / 255f;
            OBSERVED[i] = i;
        }
    }

    private final Dataset dataset;
    private final Path folder;
    private final int size;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment values;
    private final @Nullable MemorySegment mask;
    private final @Nullable MemorySegment labels;
    private final @Nullable MemorySegment groups;
    private final Residence residence;

    /** @throws Problem {@code NOT_FOUND} when it was deleted */
    DatasetReader(Dataset dataset, Path folder) throws IOException {
        this(dataset, folder, MOST_RESIDENT);
    }

    DatasetReader(Dataset dataset, Path folder, long mostResident) throws IOException {
        this.dataset = dataset;
        this.folder = folder;
        this.size = dataset.size();
        try {
            this.values =
                    map(Dataset.VALUES, (long) size * dataset.elementType().bytes());
            this.mask = dataset.hasMask() ? map(Dataset.MASK, size) : null;
            this.labels = dataset.hasLabels() ? map(Dataset.LABELS, Integer.BYTES) : null;
            this.groups = dataset.hasGroups() ? map(Dataset.GROUPS, Integer.BYTES) : null;
            this.residence = new Residence(mask == null ? List.of(values) : List.of(values, mask), mostResident);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private MemorySegment map(String file, long rowBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(folder.resolve(file), StandardOpenOption.READ)) {
            if (channel.size() != dataset.bytes(rowBytes)) {
                throw gone();
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (NoSuchFileException e) {
            throw gone();
        }
    }

    private Problem gone() {
        return Problem.of(Fault.NOT_FOUND, "dataset", "Dataset '%s' is not there any more".formatted(dataset.name()));
    }

    /**
     * Does what reads this dataset. Its files never change; where one was made shorter all the same, what reads behind its end finds an
     * {@link InternalError} of the virtual machine, soon after the place that read.
     *
     * @throws Problem {@code UNAVAILABLE} instead, naming the file
     */
    public <T> T reading(Supplier<T> work) {
        try {
            return work.get();
        } catch (InternalError fault) {
            requireWhole(Dataset.VALUES, values);
            requireWhole(Dataset.MASK, mask);
            requireWhole(Dataset.LABELS, labels);
            requireWhole(Dataset.GROUPS, groups);
            throw fault;
        }
    }

    private void requireWhole(String file, @Nullable MemorySegment mapped) {
        long length;
        try {
            length = Files.size(folder.resolve(file));
        } catch (IOException e) {
            return; // Deleted: what is mapped stays whole.
        }
        if (mapped != null && length < mapped.byteSize()) {
            throw Problem.of(
                    Fault.UNAVAILABLE,
                    "%s of dataset '%s' was changed while it was read: it has %d bytes, %d are needed. Put the file back, or delete the dataset and upload it again"
                            .formatted(file, dataset.name(), length, mapped.byteSize()));
        }
    }

    /** How many examples there are; rows go from 0 to below it. */
    public int count() {
        return dataset.rows();
    }

    /** Of one example. */
    public int[] shape() {
        return dataset.shape().clone();
    }

    /**
     * An example's values, bytes as numbers of [0, 1]. What is missing by NaN is 0.
     *
     * @param into has room for a whole example from the offset on
     */
    public void values(int row, float[] into, int offset) {
        requireRow(row);
        switch (dataset.elementType()) {
            case FLOAT32 -> MemorySegment.copy(values, FLOAT32, (long) row * size * Float.BYTES, into, offset, size);
            case UINT8 -> bytes(values, row, into, offset, UNIT);
        }
        residence.read((long) size * dataset.elementType().bytes());
    }

    /** Whether some values are missing. */
    public boolean hasMask() {
        return mask != null;
    }

    /** Which of an example's values were observed: 1 for those, 0 for the missing. All are where there is no mask. */
    public void mask(int row, float[] into, int offset) {
        requireRow(row);
        if (mask == null) {
            Arrays.fill(into, offset, offset + size, 1);
            return;
        }
        bytes(mask, row, into, offset, OBSERVED);
        residence.read(size);
    }

    /**
     * Bytes are copied before they are looked at. Compiled code that reads behind a file's end goes on with any number for a while, also
     * with one that no byte can be: as an index, which is not checked then, that would end the process.
     *
     * @param meaning what each byte stands for
     */
    private void bytes(MemorySegment from, int row, float[] into, int offset, float[] meaning) {
        byte[] copy = new byte[Math.min(COPIED, size)];
        for (int done = 0; done < size; done += copy.length) {
            int count = Math.min(copy.length, size - done);
            MemorySegment.copy(from, ValueLayout.JAVA_BYTE, (long) row * size + done, copy, 0, count);
            for (int i = 0; i < count; i++) {
                into[offset + done + i] = meaning[Byte.toUnsignedInt(copy[i])];
            }
        }
    }

    public boolean hasLabels() {
        return labels != null;
    }

    /** @throws IllegalStateException when there are no labels */
    public int label(int row) {
        return code("labels", labels, row);
    }

    public boolean hasGroups() {
        return groups != null;
    }

    /** @throws IllegalStateException when there are no groups */
    public int group(int row) {
        return code("groups", groups, row);
    }

    private int code(String what, @Nullable MemorySegment codes, int row) {
        if (codes == null) {
            throw new IllegalStateException("dataset '%s' has no %s".formatted(dataset.name(), what));
        }
        requireRow(row);
        return codes.get(INT32, (long) row * Integer.BYTES);
    }

    private void requireRow(int row) {
        if (row < 0 || row >= dataset.rows()) {
            throw new IndexOutOfBoundsException(
                    "row %d of dataset '%s', which has %d".formatted(row, dataset.name(), dataset.rows()));
        }
    }

    /** Whoever still reads gets an {@link IllegalStateException}. */
    @Override
    public void close() {
        arena.close();
    }
}
