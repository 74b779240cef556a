package io.github.latentdock.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.springframework.util.FileSystemUtils;

/** What is written in a format is read as it was, bit by bit. */
class DatasetRoundTripTest {

    private Path root = Path.of("");

    @BeforeTry
    void makeRoot() throws IOException {
        root = Files.createTempDirectory("datasets");
    }

    @AfterTry
    void removeRoot() throws IOException {
        FileSystemUtils.deleteRecursively(root);
    }

    @Property(tries = 60)
    void npy(@ForAll("rows") Tensor rows) {
        assertSame(rows, Uploads.npy(rows.values(), rows.shape()));
    }

    @Property(tries = 60)
    void npyInFortranOrder(@ForAll("rows") Tensor rows) {
        assertSame(rows, Uploads.npyFortran(rows.values(), rows.shape()));
    }

    @Property(tries = 60)
    void idx(@ForAll("rows") Tensor rows) {
        assertSame(rows, Uploads.idx(0x0d, Uploads.floats(ByteOrder.BIG_ENDIAN, rows.values()), rows.shape()));
    }

    @Property(tries = 60)
    void csv(@ForAll("rows") Tensor rows) {
        var lines = new StringBuilder();
        int size = rows.rowSize();
        for (int i = 0; i < rows.values().length; i++) {
            lines.append(rows.values()[i]).append(i % size == size - 1 ? "\n" : ",");
        }
        assertSame(new Tensor(new int[] {rows.rows(), size}, rows.values()), Uploads.text(lines.toString()));
    }

    @Property(tries = 60)
    void bytes(@ForAll @Size(24) byte[] bytes) {
        Store store = Store.at(root);
        for (byte[] file : new byte[][] {Uploads.idx(bytes, 4, 3, 2), Uploads.npyBytes(bytes, 4, 3, 2)}) {
            Dataset dataset = store.add("bytes-" + file.length, file);
            float[] values = store.values(dataset);
            for (int i = 0; i < bytes.length; i++) {
                assertThat(values[i]).isEqualTo(Byte.toUnsignedInt(bytes[i]) / 255f);
            }
        }
    }

    private void assertSame(Tensor rows, byte[] file) {
        Store store = Store.at(root);
        Dataset dataset = store.add("rows", file);

        assertThat(dataset.rows()).isEqualTo(rows.rows());
        assertThat(dataset.shape()).isEqualTo(rows.rowShape());
        assertThat(store.values(dataset)).isEqualTo(rows.values());
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (float value : rows.values()) {
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        assertThat(dataset.statistics().min()).isEqualTo(min + 0.0);
        assertThat(dataset.statistics().max()).isEqualTo(max + 0.0);
        assertThat(dataset.statistics().mean()).isBetween(min + 0.0, max + 0.0);
    }

    /** Two to four dimensions; every bit pattern that is a finite number is about as likely as any other. */
    @Provide
    Arbitrary<Tensor> rows() {
        Arbitrary<int[]> shapes = Arbitraries.integers()
                .between(1, 5)
                .array(int[].class)
                .ofMinSize(2)
                .ofMaxSize(4);
        Arbitrary<Float> numbers = Arbitraries.integers()
                .between(Integer.MIN_VALUE, Integer.MAX_VALUE)
                .withDistribution(RandomDistribution.uniform())
                .map(Float::intBitsToFloat)
                .filter(Float::isFinite);
        Arbitrary<Float> special =
                Arbitraries.of(0f, -0f, 1f, Float.MIN_VALUE, Float.MAX_VALUE, -Float.MAX_VALUE, 0.1f);
        return shapes.flatMap(shape -> Arbitraries.oneOf(numbers, special)
                .array(float[].class)
                .ofSize(Arrays.stream(shape).reduce(1, Math::multiplyExact))
                .map(values -> new Tensor(shape, values)));
    }
}
