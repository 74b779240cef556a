package io.github.latentdock.tensor;

import static io.github.latentdock.tensor.Tensors.assertProblem;
import static io.github.latentdock.tensor.Tensors.floats;
import static io.github.latentdock.tensor.Tensors.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files come from NumPy itself: src/test/python/golden_npy.py. */
class NpyFileTest {

    static byte[] golden(String name) {
        try (InputStream file = NpyFileTest.class.getResourceAsStream("/golden/npy/" + name + ".npy")) {
            return Objects.requireNonNull(file, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Tensor rows(byte[] file, int... rowShape) {
        return WireFormat.NPY.payload(file).rows("instances", rowShape);
    }

    private static byte[] written(Tensor tensor) throws IOException {
        var body = new ByteArrayOutputStream();
        WireFormat.NPY.write(tensor, ValueRange.UNIT, body);
        return body.toByteArray();
    }

    @Property
    void whatWasWrittenIsReadAgainToTheBit(@ForAll("tensors") Tensor tensor) throws IOException {
        assertThat(rows(written(tensor), tensor.rowShape())).isEqualTo(tensor);
    }

    @Provide
    Arbitrary<Tensor> tensors() {
        return Tensors.any();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "f2-little",
                "f2-big",
                "f4-little",
                "f4-big",
                "f8-little",
                "f8-big",
                "u1-byte",
                "i1-byte",
                "i2-little",
                "i2-big",
                "i4-little",
                "i4-big",
                "i8-little",
                "i8-big",
                "b1-byte",
                "version-1",
                "version-2",
                "version-3",
                "fortran"
            })
    void everyTypeByteOrderVersionAndMemoryOrderOfNumPyIsRead(String name) {
        assertThat(rows(golden(name), 2, 3))
                .isEqualTo(new Tensor(shape(2, 2, 3), floats(0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1)));
    }

    @Test
    void unsignedBytesStayTheNumbersTheyAre() {
        assertThat(rows(golden("extremes-u1"), 4).values()).containsExactly(0, 127, 128, 255);
    }

    @Test
    void signedBytesKeepTheirSign() {
        assertThat(rows(golden("extremes-i1"), 4).values()).containsExactly(-128, -1, 0, 127);
    }

    @Test
    void halfPrecisionIsReadExactly() {
        assertThat(rows(golden("extremes-f2"), 4).values()).containsExactly(65504, -0x1p-14f, 0x1p-24f, 0.33325195f);
    }

    @Test
    void doublePrecisionIsRoundedToTheNearestFloat() {
        assertThat(rows(golden("extremes-f8"), 4).values())
                .containsExactly(0.1f, 16777216, Float.MIN_VALUE, -Float.MAX_VALUE);
    }

    @Test
    void aFileIsWrittenAsNumPyWritesIt() throws IOException {
        byte[] file = written(new Tensor(shape(1, 3), floats(0.5f, -1.25f, 3e-7f)));

        assertThat(file).isEqualTo(golden("written"));
    }

    @Test
    void aSingleDimensionIsWrittenAsATuple() throws IOException {
        byte[] file = written(new Tensor(shape(2), floats(1, 2)));

        assertThat(new String(file, StandardCharsets.ISO_8859_1)).contains("'shape': (2,), }");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            too-large-for-float32 | instances[0][2] is Infinity, finite numbers are needed
            nan                   | instances[0][2] is NaN, finite numbers are needed
            objects               | instances is a .npy file of pickled objects, which are never read
            complex               | instances has dtype <c8, these are read: f2, f4, f8, u1, i1, i2, i4, i8, b1
            texts                 | instances has dtype <U1, these are read: f2, f4, f8, u1, i1, i2, i4, i8, b1
            records               | instances is a .npy file of records, plain numbers are needed
            scalar                | instances is a single number, a list of rows is needed
            no-rows               | instances is empty, at least one is needed
            nine-dimensions       | instances is a .npy file of 9 dimensions, at most 8 are read
            """)
    void whatHoldsNoRowsOfNumbersIsInvalid(String name, String detail) {
        assertProblem(Fault.INVALID, detail, () -> rows(golden("refused/" + name), 3));
    }

    @Test
    void aSingleRowIsToBeListed() throws IOException {
        byte[] file = written(new Tensor(shape(2, 2), floats(1, 2, 3, 4)));

        assertProblem(
                Fault.INVALID,
                "instances is one row of shape [2, 2]; a list of rows is needed, also for a single one: shape [1, 2, 2]",
                () -> rows(file, 2, 2));
    }

    @Test
    void aFileWithoutAllOfItsValuesIsMalformed() {
        byte[] file = golden("f4-little");

        assertProblem(
                Fault.MALFORMED,
                "instances is a .npy file of shape [2, 2, 3], which takes 48 bytes, and holds 47",
                () -> rows(Arrays.copyOf(file, file.length - 1), 2, 3));
    }

    @Test
    void aFileWithBytesLeftOverIsMalformed() {
        byte[] file = golden("f4-little");

        assertProblem(
                Fault.MALFORMED,
                "instances is a .npy file of shape [2, 2, 3], which takes 48 bytes, and holds 49",
                () -> rows(Arrays.copyOf(file, file.length + 1), 2, 3));
    }

    @Test
    void aShapeBeyondAllMemoryIsMalformedAndNotTried() {
        byte[] file = replaced("(2, 2, 3)", "(2147483647, 2147483647, 2147483647)");

        assertThat(catchThrowableOfType(Problem.class, () -> rows(file, 2, 3)).detail())
                .startsWith("instances is a .npy file of shape [2147483647, 2147483647, 2147483647], which takes");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            (2, 2, 3)        | (2, 99999999999) | impossible shape (2, 99999999999)
            (2, 2, 3)        | (2, -2, 3)       | lacks descr, fortran_order or shape
            'fortran_order'  | 'fortran_odder'  | lacks descr, fortran_order or shape
            """)
    void aHeaderThatMakesNoSenseIsMalformed(String old, String with, String detail) {
        Problem problem = catchThrowableOfType(Problem.class, () -> rows(replaced(old, with), 2, 3));

        assertThat(problem.fault()).isEqualTo(Fault.MALFORMED);
        assertThat(problem.detail()).contains(detail);
    }

    @Test
    void everyPrefixOfAFileIsMalformed() {
        byte[] file = golden("version-2");

        for (int length = 0; length < file.length; length++) {
            byte[] prefix = Arrays.copyOf(file, length);
            Problem problem = catchThrowableOfType(Problem.class, () -> rows(prefix, 2, 3));
            assertThat(problem.fault()).as("prefix of %d bytes", length).isEqualTo(Fault.MALFORMED);
        }
    }

    /** A file in whose header a text is replaced by one that takes the place of the padding. */
    private static byte[] replaced(String old, String with) {
        String file = new String(golden("f4-little"), StandardCharsets.ISO_8859_1);
        int growth = with.length() - old.length();
        String padding = " ".repeat(Math.max(0, growth));
        String changed = file.replaceFirst(padding + "\n", " ".repeat(Math.max(0, -growth)) + "\n")
                .replace(old, with);
        return changed.getBytes(StandardCharsets.ISO_8859_1);
    }
}
