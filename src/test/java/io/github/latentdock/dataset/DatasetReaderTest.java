package io.github.latentdock.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.github.latentdock.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class DatasetReaderTest {

    private static final long MEGABYTE = 1 << 20;

    @TempDir
    Path root = Path.of("");

    private Store store = Store.at(root);

    @BeforeEach
    void open() {
        store = Store.at(root);
    }

    @Test
    void rowsGoWhereTheyAreWanted() {
        Dataset dataset = store.add("x", Uploads.npy(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));

        try (DatasetReader reader = store.datasets().open(dataset)) {
            float[] into = new float[5];
            reader.values(2, into, 1);

            assertThat(reader.count()).isEqualTo(3);
            assertThat(reader.shape()).containsExactly(2);
            assertThat(into).containsExactly(0, 5, 6, 0, 0);
        }
    }

    /** Both ways of reading, often enough to be compiled, from a file that ends before the page that is read. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatBecameShorterIsTold(boolean bytes) throws IOException {
        int size = 4096;
        Dataset dataset = store.add(
                "x", bytes ? Uploads.npyBytes(new byte[4 * size], 4, size) : Uploads.npy(new float[4 * size], 4, size));
        Path values = root.resolve("x/values.bin");
        long whole = Files.size(values);

        try (DatasetReader reader = store.datasets().open(dataset)) {
            float[] into = new float[size];
            for (int i = 0; i < 20_000; i++) {
                reader.values(i % 4, into, 0);
            }
            try (FileChannel file = FileChannel.open(values, StandardOpenOption.WRITE)) {
                file.truncate(100);
            }

            assertThatThrownBy(() -> reader.reading(() -> {
                        reader.values(3, into, 0);
                        return into[0];
                    }))
                    .isInstanceOf(Problem.class)
                    .hasMessage(
                            "values.bin of dataset 'x' was changed while it was read: it has 100 bytes, %d are needed. Put the file back, or delete the dataset and upload it again",
                            whole);
        }
    }

    @Test
    void anotherErrorOfTheMachineStaysWhatItIs() {
        Dataset dataset = store.add("x", Uploads.npy(new float[] {1}, 1, 1));

        try (DatasetReader reader = store.datasets().open(dataset)) {
            var other = new InternalError("another one");

            assertThatThrownBy(() -> reader.reading(() -> {
                        throw other;
                    }))
                    .isSameAs(other);
        }
    }

    @Test
    void withoutAMaskEverythingWasObserved() {
        Dataset dataset = store.add("x", Uploads.npy(new float[] {1, 2, 3, 4}, 2, 2));

        try (DatasetReader reader = store.datasets().open(dataset)) {
            float[] into = new float[4];
            reader.mask(1, into, 1);

            assertThat(reader.hasMask()).isFalse();
            assertThat(into).containsExactly(0, 1, 1, 0);
        }
    }

    /** Only Linux tells it. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void littleOfALargeDatasetIsResidentHoweverMuchOfItWasRead() throws IOException {
        float[] values = new float[1 << 21];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        DataSize most = DataSize.ofMegabytes(16);
        store = Store.at(root, new DatasetsProperties(root, most, most, 10_000, 4096));
        Dataset dataset = store.add("x", Uploads.npy(values, 1 << 13, 1 << 8));
        Path file = root.resolve("x");

        try (var reader = new DatasetReader(dataset, file, MEGABYTE)) {
            float[] row = new float[1 << 8];
            for (int i = 0; i < 1 << 13; i++) {
                int at = i * 1021 % (1 << 13);
                reader.values(at, row, 0);
                assertThat(row[7]).isEqualTo((at << 8) + 7);
            }

            assertThat(resident(file.resolve(Dataset.VALUES))).isBetween(1L, 2 * MEGABYTE);
        }
    }

    /** Bytes of a mapped file that count as this process's memory. */
    private static long resident(Path file) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
        int header = 0;
        while (!lines.get(header).endsWith(file.toString())) {
            header++;
        }
        String rss = lines.subList(header, lines.size()).stream()
                .filter(line -> line.startsWith("Rss:"))
                .findFirst()
                .orElseThrow();
        return 1024 * Long.parseLong(rss.replaceAll("\\D", ""));
    }

    @Test
    void whatIsNotThereCannotBeRead() {
        Dataset dataset = store.add("x", Uploads.npy(new float[] {1, 2}, 2, 1));

        try (DatasetReader reader = store.datasets().open(dataset)) {
            assertThat(reader.hasLabels() || reader.hasGroups()).isFalse();
            assertThatThrownBy(() -> reader.label(0)).hasMessage("dataset 'x' has no labels");
            assertThatThrownBy(() -> reader.values(2, new float[1], 0)).hasMessage("row 2 of dataset 'x', which has 2");
            assertThatThrownBy(() -> reader.values(-1, new float[1], 0)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void aDeletedDatasetIsReadToItsEnd() throws IOException {
        Dataset dataset = store.add("x", Uploads.npy(new float[] {1, 2}, 2, 1));

        try (DatasetReader reader = store.datasets().open(dataset)) {
            store.publisher().delete(dataset.id());
            float[] into = new float[1];
            reader.values(1, into, 0);

            assertThat(into).containsExactly(2);
            try (var left = Files.list(root)) {
                assertThat(left).isEmpty();
            }
        }
        assertThatThrownBy(() -> store.datasets().open(dataset))
                .isInstanceOf(Problem.class)
                .hasMessage("There is no dataset 'x'; there is none");
    }

    @Test
    void anotherDatasetOfThatNameIsNotReadInstead() {
        Dataset dataset = store.add("x", Uploads.npy(new float[] {1, 2}, 2, 1));
        store.publisher().delete("x");
        Dataset other = store.add("x", Uploads.npy(new float[] {3, 4}, 2, 1));

        assertThatThrownBy(() -> store.datasets().open(dataset))
                .isInstanceOf(Problem.class)
                .hasMessage("Dataset 'x' is another one now, with id " + other.id());
    }

    @Test
    void manyThreadsReadAtOnce() throws Exception {
        byte[] bytes = new byte[200 * 16];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i / 16);
        }
        Dataset dataset = store.add("x", Uploads.idx(bytes, 200, 4, 4));

        try (DatasetReader reader = store.datasets().open(dataset);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Float>> sums = new ArrayList<>();
            for (int row = 0; row < reader.count(); row++) {
                int wanted = row;
                sums.add(threads.submit(() -> {
                    float[] into = new float[16];
                    float sum = 0;
                    for (int i = 0; i < 100; i++) {
                        reader.values(wanted, into, 0);
                        for (float value : into) {
                            sum += Math.abs(value - wanted / 255f);
                        }
                    }
                    return sum;
                }));
            }
            for (Future<Float> sum : sums) {
                assertThat(sum.get()).isZero();
            }
        }
    }

    /** What 96 MB take on the heap is neither their size nor a share of it, but buffers: of the stream, the file and a row. */
    @Test
    void largeFilesGoThroughSmallBuffers() {
        int rows = 96;
        int side = 1024;
        Store large = Store.at(
                root,
                new DatasetsProperties(root, DataSize.ofMegabytes(1), DataSize.ofGigabytes(1), rows, side * side));
        var added = new NewDataset("large", Map.of("file", () -> idx(rows, side)), Options.NONE);
        var memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        long before = memory.getCurrentThreadAllocatedBytes();
        Dataset dataset = large.publisher().add(added).dataset();
        long written = memory.getCurrentThreadAllocatedBytes() - before;

        assertThat(written).isLessThan(16 * MEGABYTE);
        try (DatasetReader reader = large.datasets().open(dataset)) {
            float[] row = new float[side * side];
            before = memory.getCurrentThreadAllocatedBytes();
            float sum = 0;
            for (int i = 0; i < rows; i++) {
                reader.values(i, row, 0);
                sum += row[0];
            }
            long read = memory.getCurrentThreadAllocatedBytes() - before;

            assertThat(sum).isZero();
            assertThat(read).isLessThan(MEGABYTE);
        }
    }

    /** A file of zeros that is nowhere. */
    private static InputStream idx(int rows, int side) {
        byte[] header = Uploads.idx(new byte[0], rows, side, side);
        return new InputStream() {
            private long left = header.length + (long) rows * side * side;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
            }

            @Override
            public int read(byte[] into, int from, int length) {
                if (left == 0) {
                    return -1;
                }
                int count = (int) Math.min(length, left);
                for (int i = 0; i < count; i++) {
                    long at = header.length + (long) rows * side * side - left--;
                    into[from + i] = at < header.length ? header[(int) at] : 0;
                }
                return count;
            }
        };
    }
}
