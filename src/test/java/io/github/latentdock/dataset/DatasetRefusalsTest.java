package io.github.latentdock.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.testing.Tree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be taken is refused with what was given and what would be right, and leaves nothing behind. */
class DatasetRefusalsTest {

    private static final byte[] FOUR = Uploads.npy(new float[] {1, 2, 3, 4}, 4, 1);

    @TempDir
    Path root = Path.of("");

    private Store store = Store.at(root);

    @BeforeEach
    void open() {
        store = Store.at(root);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Fashion", "a/b", "..", "-a", "a b", "ä", ".draft-x"})
    void namesThatAreNone(String name) {
        refused(
                Fault.INVALID,
                "name",
                "name is '%s', it must match [a-z0-9][a-z0-9._-]{0,62}".formatted(name),
                name,
                Options.NONE,
                Map.of("file", FOUR));
    }

    @Test
    void noFile() {
        refused(
                Fault.MALFORMED,
                "file",
                "The part 'file' is missing: it holds the examples",
                "x",
                Options.NONE,
                Map.of("labels", FOUR));
    }

    @Test
    void bytesOfNoFormat() {
        refused(
                Fault.MALFORMED,
                "file",
                "file is none of .npy, .npz, IDX, CSV, or a zip of pictures: it does not start like one",
                new byte[] {1, 2, 3, 4});
        refused(Fault.MALFORMED, "file", "file is empty", new byte[0]);
        refused(Fault.MALFORMED, "file", "file is empty", Uploads.gzip(new byte[0]));
        refused(
                Fault.MALFORMED,
                "labels",
                "labels is empty",
                "x",
                Options.NONE,
                Map.of("file", FOUR, "labels", new byte[0]));
    }

    @Test
    void anotherFormatThanAskedFor() {
        for (var wrong : Map.of(
                        DatasetFormat.NPY, "file is no .npy file, it does not start with \\x93NUMPY",
                        DatasetFormat.IDX, "file is no IDX file, it does not start with two zero bytes")
                .entrySet()) {
            refused(
                    Fault.MALFORMED,
                    "file",
                    wrong.getValue(),
                    "x",
                    new Options(wrong.getKey(), false, null, null),
                    Map.of("file", Uploads.text("1,2,3,4,5,6,7,8\n")));
        }
        refused(
                Fault.MALFORMED,
                "file",
                "file cannot be read as a zip: it has no end record: it is truncated, or no zip",
                "x",
                new Options(DatasetFormat.ZIP, false, null, null),
                Map.of("file", FOUR));
    }

    @Test
    void npyThatIsCutOff() {
        refused(Fault.MALFORMED, "file", "file is a .npy file that is cut off", Arrays.copyOf(FOUR, FOUR.length - 1));
        refused(
                Fault.MALFORMED,
                "file",
                "file is a .npy file whose header has a wrong length or is cut off",
                Arrays.copyOf(FOUR, 100));
        refused(Fault.MALFORMED, "file", "file is no .npy file, it has only 7 bytes", Arrays.copyOf(FOUR, 7));
    }

    @Test
    void npyThatHoldsMore() {
        refused(
                Fault.MALFORMED,
                "file",
                "file is a .npy file that holds more than its shape tells",
                Arrays.copyOf(FOUR, FOUR.length + 1));
    }

    @Test
    void npyOfNoNumbers() {
        refused(
                Fault.INVALID,
                "file",
                "file is a .npy file of pickled objects, which are never read",
                Uploads.npy("|O", new byte[8], 1, 1));
        refused(
                Fault.INVALID,
                "file",
                "file has dtype <U5, these are read: f2, f4, f8, u1, i1, i2, i4, i8, b1",
                Uploads.npy("<U5", new byte[20], 1, 1));
    }

    @Test
    void npyInFortranOrderThatIsCutOffOrHoldsMoreOrTooMuch() {
        byte[] columns = Uploads.npyFortran(new float[] {1, 2, 3, 4}, 2, 2);
        refused(
                Fault.MALFORMED,
                "file",
                "file is a .npy file that is cut off",
                Arrays.copyOf(columns, columns.length - 1));
        refused(
                Fault.MALFORMED,
                "file",
                "file is a .npy file that holds more than its shape tells",
                Arrays.copyOf(columns, columns.length + 1));
        refused(
                Fault.INVALID,
                "file[0][1]",
                "file[0][1] is NaN, a number is needed; with missing=nan it is taken as missing",
                Uploads.npyFortran(new float[] {1, Float.NaN, 3, 4}, 2, 2));
        refused(
                Fault.TOO_LARGE,
                "file",
                "the values of file take more than the 2097152B allowed when they are unpacked",
                Uploads.npy("<f4", true, new byte[0], 1000, 4096));
    }

    @Test
    void shapesThatHoldNoRows() {
        refused(
                Fault.INVALID,
                "file",
                "file has one dimension, two or more are needed: the first counts the rows",
                Uploads.npy(new float[] {1, 2}, 2));
        refused(
                Fault.INVALID,
                "file",
                "file is a .npy file of a single number, rows are needed",
                Uploads.npy(new float[] {1}));
        refused(Fault.INVALID, "file", "file has no rows", Uploads.npy(new float[0], 0, 3));
        refused(
                Fault.INVALID,
                "file",
                "file has rows of shape [0, 3], which hold no values",
                Uploads.npy(new float[0], 2, 0, 3));
        refused(
                Fault.INVALID,
                "file",
                "file has no rows: it was read as CSV, and its only line as a header; these are read: .npy, .npz, IDX, CSV, or a zip of pictures",
                Uploads.text("a,b\n"));
    }

    @Test
    void formatsThatAreNotRead() {
        String none = "file is none of .npy, .npz, IDX, CSV, or a zip of pictures: it starts like ";
        refused(Fault.MALFORMED, "file", none + "Parquet", Uploads.text("PAR1 and then much that looks like text"));
        refused(Fault.MALFORMED, "file", none + "a single picture: pictures are sent in a zip", Uploads.png(1, 1, 1));
        refused(
                Fault.MALFORMED,
                "file",
                none + "a text in UTF-16: save it in UTF-8",
                "\ufeff1,2\n".getBytes(java.nio.charset.StandardCharsets.UTF_16LE));
        refused(
                Fault.MALFORMED,
                "mask",
                "mask is none of .npy, IDX or CSV: it starts like Parquet",
                "x",
                Options.NONE,
                Map.of("file", FOUR, "mask", Uploads.text("PAR1")));
        refused(
                Fault.INVALID,
                "file[0]",
                "file[0] has '<html>' in column 1 (line 2), a number is needed; the file was read as CSV, and these are read: .npy, .npz, IDX, CSV, or a zip of pictures",
                Uploads.text("<!DOCTYPE html>\n<html>\n"));
    }

    @Test
    void npyThatTellsSomethingTwice() {
        refused(
                Fault.MALFORMED,
                "file",
                "file is a .npy file whose header tells descr, fortran_order or shape twice",
                Uploads.npy("<f4', 'descr': '<f8", new byte[16], 4, 1));
    }

    @Test
    void idxThatIsCutOffOrHoldsMore() {
        byte[] idx = Uploads.idx(new byte[8], 2, 2, 2);
        refused(Fault.MALFORMED, "file", "file is an IDX file that is cut off in row 1", Arrays.copyOf(idx, 23));
        refused(Fault.MALFORMED, "file", "file is an IDX file that is cut off", Arrays.copyOf(idx, 10));
        refused(
                Fault.MALFORMED,
                "file",
                "file is an IDX file that holds more than its 2 rows",
                Arrays.copyOf(idx, idx.length + 1));
    }

    @Test
    void idxThatIsImpossible() {
        refused(
                Fault.MALFORMED,
                "file",
                "file is an IDX file of the unknown type 0x0a",
                Uploads.idx(10, new byte[4], 2, 2));
        refused(Fault.MALFORMED, "file", "file is an IDX file of an impossible shape", Uploads.idx(new byte[4], -2, 2));
        refused(
                Fault.MALFORMED,
                "file",
                "file is an IDX file of 0 dimensions, 1 to 8 are read",
                Uploads.idx(new byte[4]));
        refused(Fault.MALFORMED, "file", "file is an IDX file of 255 dimensions, 1 to 8 are read", new byte[] {
            0, 0, 8, -1, 0, 0, 0, 1, 7
        });
    }

    @Test
    void gzipThatIsDamagedOrCutOff() {
        byte[] packed = Uploads.gzip(Uploads.idx(new byte[800], 2, 20, 20));
        refused(
                Fault.MALFORMED,
                "file",
                "file cannot be unpacked: it is cut off",
                Arrays.copyOf(packed, packed.length - 10));
        for (int length : new int[] {3, 9, packed.length - 1}) {
            refused(Fault.MALFORMED, "file", "file cannot be unpacked: it is cut off", Arrays.copyOf(packed, length));
        }
        packed[packed.length - 8] ^= 1;
        refused(Fault.MALFORMED, "file", "file cannot be unpacked: it is damaged, its checksum is another one", packed);
    }

    @Test
    void gzipThatGoesOnAfterItsEnd() {
        byte[] packed = Uploads.gzip(Uploads.idx(new byte[8], 2, 2, 2));
        for (int more : new int[] {1, 2, 30, 100_000}) {
            refused(
                    Fault.MALFORMED,
                    "file",
                    "file cannot be unpacked: it goes on after its end",
                    Arrays.copyOf(packed, packed.length + more));
        }
    }

    @Test
    void textThatIsNotUtf8() {
        byte[] latin1 = "é\nè\né\nü\n".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        for (String part : new String[] {"labels", "groups"}) {
            refused(
                    Fault.MALFORMED,
                    part,
                    "line 1 of %s is not UTF-8: save the file in that encoding".formatted(part),
                    "x",
                    Options.NONE,
                    Map.of("file", FOUR, part, latin1));
        }
    }

    @Test
    void moreThanIsAllowed() {
        refused(
                Fault.TOO_LARGE,
                "file",
                "file has rows of shape [65, 64], at most 4096 values are allowed in one",
                Uploads.idx(new byte[0], 1, 65, 64));
        refused(
                Fault.TOO_LARGE,
                "file",
                "file has 1001 rows, at most 1000 are allowed",
                Uploads.idx(new byte[0], 1001, 1, 1));
        refused(
                Fault.TOO_LARGE,
                "file",
                "file has more rows, at most 1000 are allowed",
                Uploads.text("1\n".repeat(1001)));
        refused(
                Fault.TOO_LARGE,
                "file",
                "the values of file take more than the 2097152B allowed when they are unpacked",
                Uploads.gzip(Uploads.idx(new byte[0], 1000, 64, 64)));
        refused(
                Fault.TOO_LARGE,
                "file",
                "file has rows of shape [2147483647, 2147483647, 2147483647], at most 4096 values are allowed in one",
                Uploads.idx(new byte[0], 1, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE));
        refused(
                Fault.TOO_LARGE,
                "file",
                "line 1 of file has more than the 163920 bytes allowed",
                Uploads.gzip(Uploads.text("1".repeat(200_000))));
        refused(
                Fault.TOO_LARGE,
                "file",
                "line 1 of file has more than the 4098 columns allowed",
                Uploads.text("1" + ",".repeat(4098)));
    }

    @Test
    void raggedLines() {
        refused(
                Fault.INVALID,
                "file[1]",
                "file[1] has 3 columns, 2 are needed as in the first line (line 4)",
                Uploads.text("a,b\n1,2\n\n3,4,5\n"));
        refused(
                Fault.INVALID,
                "file[0]",
                "file[0] has 3 columns, 2 are needed as in the first line (line 2); it ends with a separator, which begins one more",
                Uploads.text("a;b\r\n1;2;\r\n"));
        refused(
                Fault.INVALID,
                "file[0]",
                "file[0] has 4 columns, 2 are needed as in the first line (line 2); commas separate columns: if these are decimal commas, write points",
                Uploads.text("a,b\n1,5,2,5\n"));
        refused(
                Fault.INVALID,
                "file[0]",
                "file[0] has 2 columns, 3 are needed as in the first line (line 2); the first line ends with a separator, which begins one more",
                "x",
                new Options(null, false, null, true),
                Map.of("file", Uploads.text("a,b,\n1,2\n")));
        refused(
                Fault.INVALID,
                "file[0]",
                "file[0] has 2 columns, 1 are needed as in the first line (line 3); the file was read as CSV, and these are read: .npy, .npz, IDX, CSV, or a zip of pictures",
                Uploads.text("# Title\n\nSome text, and more\n"));
    }

    @Test
    void textsAmongNumbers() {
        refused(
                Fault.INVALID,
                "file[1]",
                "file[1] has 'setosa' in column 2 (line 2), a number is needed; a header can call column 2 label or group",
                Uploads.text("1,2\n3,setosa\n"));
        refused(
                Fault.INVALID,
                "file[0]",
                "file[0] has '0x1p3' in column 1 (line 1), a number is needed; with header=true the first line is one, and a header can call column 1 label or group",
                Uploads.text("0x1p3,2\n3,4\n"));
        refused(
                Fault.INVALID,
                "file[0]",
                "file[0] has 'setosa' in column 3 (line 2), a number is needed; a header can call column 3 label or group",
                Uploads.text("a,b,species\n1,2,setosa\n"));
        refused(
                Fault.INVALID,
                "mask[0]",
                "mask[0] has 'yes' in column 1 (line 1), a number is needed",
                "x",
                Options.NONE,
                Map.of("file", Uploads.text("1,2\n"), "mask", Uploads.text("yes,1\n")));
        refused(
                Fault.INVALID,
                "file[0]",
                "file[0] has 'a' in column 2 (line 1), a number is needed; with header=true the first line is one, but its first column has no name: if that numbers the rows, leave it out (pandas: to_csv(index=False))",
                Uploads.text(",a,b\n0,1,2\n1,3,4\n"));
        refused(
                Fault.INVALID,
                "file[0]",
                "file[0] has 'a' in column 1 (line 1), a number is needed; with header=true the first line is one, but its last column has no name: if lines end with a separator, leave that away",
                Uploads.text("a,b,\n1,2,\n"));
    }

    /** Also in a first line, which none of it makes a header. */
    @ParameterizedTest
    @CsvSource(delimiter = '@', quoteCharacter = '`', textBlock = """
            1,5;2,3         @ '1,5' in column 1         @ decimals follow a point, not a comma: 1.5 (pandas: to_csv(decimal='.'))
            1;-2,3e4        @ '-2,3e4' in column 2      @ decimals follow a point, not a comma: -2.3e4 (pandas: to_csv(decimal='.'))
            "1,5","2,3"     @ '1,5' in column 1         @ decimals follow a point, not a comma: 1.5 (pandas: to_csv(decimal='.'))
            1;"2,345"       @ '2,345' in column 2       @ decimals follow a point, and nothing is written between thousands: 2.345 or 2345
            1;2.345,67      @ '2.345,67' in column 2    @ decimals follow a point, and nothing is written between thousands
            1;2'345.6       @ '2'345.6' in column 2     @ decimals follow a point, and nothing is written between thousands
            1 000;2 000     @ '1 000' in column 1       @ decimals follow a point, and nothing is written between thousands
            1 000,5;2       @ '1 000,5' in column 1     @ decimals follow a point, and nothing is written between thousands
            "1 000,5"       @ '1 000,5' in column 1     @ decimals follow a point, and nothing is written between thousands
            1 000           @ '1 000' in column 1       @ commas, semicolons or tabs separate values, neither blanks nor bars do (numpy: savetxt(…, delimiter=','))
            1 20;3          @ '1 20' in column 1        @ commas, semicolons or tabs separate values, neither blanks nor bars do (numpy: savetxt(…, delimiter=','))
            1.5e+00 2.5e+00 @ '1.5e+00 2.5e+00' in column 1 @ commas, semicolons or tabs separate values, neither blanks nor bars do (numpy: savetxt(…, delimiter=','))
            1|2|3           @ '1|2|3' in column 1       @ commas, semicolons or tabs separate values, neither blanks nor bars do (numpy: savetxt(…, delimiter=','))
            \u22121;2       @ '\u22121' in column 1     @ its minus is U+2212, the one of numbers is a hyphen: -1
            1,NA            @ 'NA' in column 2          @ what is missing is an empty field or NaN, and with missing=nan it is taken
            1,-Inf          @ '-Inf' in column 2        @ infinity is none
            NA,NA           @ 'NA' in column 1          @ what is missing is an empty field or NaN, and with missing=nan it is taken
            -nan,?          @ '-nan' in column 1        @ what is missing is an empty field or NaN, and with missing=nan it is taken
            inf,-inf        @ 'inf' in column 1         @ infinity is none
            0x10,0x20       @ '0x10' in column 1        @ numbers are decimal, not hexadecimal
            10%,20 %        @ '10%' in column 1         @ a number has no percent sign
            1_000,2_000     @ '1_000' in column 1       @ decimals follow a point, and nothing is written between thousands
            \u0661\u066b\u0665,\u0662 @ '\u0661\u066b\u0665' in column 1 @ its digits are 0 to 9: 1.5
            [[1,2]          @ '[[1' in column 1         @ JSON is not read as a dataset
            """)
    void numbersInOtherNotations(String line, String found, String right) {
        refused(
                Fault.INVALID,
                "file[0]",
                "file[0] has %s (line 1), a number is needed; %s".formatted(found, right),
                Uploads.text(line + "\n1.5;2.5\n"));
    }

    @Test
    void headersThatSayTooMuchOrTooLittle() {
        refused(Fault.INVALID, "file", "file has two columns 'label', 1 and 3", Uploads.text("label,x,LABEL\n1,2,3\n"));
        refused(Fault.INVALID, "file", "file has no column of numbers", Uploads.text("label,group\n1,2\n"));
        refused(Fault.MALFORMED, "file", "file is empty", Uploads.text("\n\n"));
        refused(
                Fault.MALFORMED,
                "file",
                "line 2 of file has in column 1 a quote that does not end in its line: a field has no line breaks",
                Uploads.text("label,b\n\"long\ncoat\",2\n"));
        refused(
                Fault.MALFORMED,
                "file",
                "line 2 of file has in column 2 'x' after its closing quote: a quote in a text is written twice",
                Uploads.text("label,b\ncoat,\"1\"x\n"));
        refused(
                Fault.INVALID,
                "labels[1]",
                "labels[1] is empty (line 4), a name or a whole number is needed",
                Uploads.text("label,x\n1,2\n\n,4\n"));
        refused(
                Fault.INVALID,
                "labels[1]",
                "labels[1] is 'coat' (line 3), a whole number is needed as in the rows before",
                Uploads.text("label,x\n1,2\ncoat,4\n"));
    }

    @Test
    void nanWhereItIsNotAnnounced() {
        refused(
                Fault.INVALID,
                "file[1][0]",
                "file[1][0] is NaN, a number is needed; with missing=nan it is taken as missing",
                Uploads.npy(new float[] {1, 2, Float.NaN, 4}, 2, 2));
        String announced = ", a number is needed; with missing=nan it is taken as missing";
        refused(
                Fault.INVALID,
                "file[0][1]",
                "file[0][1] is empty (line 1, column 2)" + announced,
                Uploads.text("1,,3\n"));
        refused(
                Fault.INVALID,
                "file[1][1]",
                "file[1][1] is NaN (line 5, column 3)" + announced,
                Uploads.text("x,label,y\r\n1,coat,2\r\n\r\n\r\n1,bag,nan\r\n5,bag,6\r\n"));
        refused(
                Fault.INVALID,
                "file[0][2]",
                "file[0][2] is empty (line 1, column 3, after the last separator)" + announced,
                Uploads.text("1,2,\n3,4,\n"));
        refused(
                Fault.INVALID,
                "mask[0][1]",
                "mask[0][1] is empty (line 1, column 2, after the last separator), 1 (observed) or 0 (missing) is needed",
                "x",
                Options.NONE,
                Map.of("file", Uploads.text("1,2\n"), "mask", Uploads.text("1,\n")));
    }

    @Test
    void numbersThatAreNotFinite() {
        refused(
                Fault.INVALID,
                "file[0][1]",
                "file[0][1] is beyond what float32 can hold, a finite number is needed",
                "x",
                new Options(null, true, null, null),
                Map.of("file", Uploads.text("1,1e39\n")));
    }

    @Test
    void nothingButMissingValues() {
        refused(
                Fault.INVALID,
                "file",
                "file has no value that was observed, all are missing",
                "x",
                new Options(null, true, null, null),
                Map.of("file", Uploads.npy(new float[] {Float.NaN}, 1, 1)));
    }

    @Test
    void otherRowCounts() {
        for (String part : new String[] {"labels", "groups", "mask"}) {
            refused(
                    Fault.INVALID,
                    part,
                    part + " has 3 rows, file has 4",
                    "x",
                    Options.NONE,
                    Map.of("file", FOUR, part, Uploads.idx(new byte[3], 3, 1)));
        }
        refused(
                Fault.INVALID,
                "labels",
                "labels ends after 3 rows, file has more; empty lines do not count",
                "x",
                Options.NONE,
                Map.of("file", FOUR, "labels", Uploads.text("a\nb\nc\n")));
        refused(
                Fault.INVALID,
                "groups",
                "groups has more rows than file, which has 4; a title in the first line must be 'groups'",
                "x",
                Options.NONE,
                Map.of("file", FOUR, "groups", Uploads.text("1\n2\n3\n4\n5\n")));
        refused(
                Fault.INVALID,
                "mask",
                "mask ends after 0 rows, file has more; of CSV a first line without numbers is a header",
                "x",
                Options.NONE,
                Map.of("file", Uploads.text("1,2\n"), "mask", Uploads.text("yes,no\n")));
        refused(
                Fault.INVALID,
                "mask",
                "mask ends after 1 rows, file has more",
                "x",
                Options.NONE,
                Map.of("file", Uploads.text("1\n2\n"), "mask", Uploads.text("1\n")));
    }

    @Test
    void masksOfOtherShapesAndNumbers() {
        refused(
                Fault.INVALID,
                "mask",
                "mask has rows of shape [2], those of file have [1]",
                "x",
                Options.NONE,
                Map.of("file", FOUR, "mask", Uploads.idx(new byte[8], 4, 2)));
        refused(
                Fault.INVALID,
                "mask[2][0]",
                "mask[2][0] is 255.0, 1 (observed) or 0 (missing) is needed",
                "x",
                Options.NONE,
                Map.of("file", FOUR, "mask", Uploads.idx(new byte[] {1, 1, -1, 1}, 4, 1)));
    }

    @Test
    void labelsThatAreNoWholeNumbers() {
        refused(
                Fault.INVALID,
                "labels[1]",
                "labels[1] is 0.5, a whole number within int32 is needed",
                "x",
                Options.NONE,
                Map.of("file", FOUR, "labels", Uploads.npy(new float[] {1, 0.5f, 1, 1}, 4)));
        refused(
                Fault.INVALID,
                "labels",
                "labels has rows of shape [2], one number for each is needed",
                "x",
                Options.NONE,
                Map.of("file", FOUR, "labels", Uploads.npy(new float[8], 4, 2)));
        refused(
                Fault.INVALID,
                "labels",
                "line 1 of labels has 2 columns, one is needed; a name that has a separator in it is quoted",
                "x",
                Options.NONE,
                Map.of("file", FOUR, "labels", Uploads.text("1,2\n3,4\n")));
    }

    @Test
    void labelsThatAreToldTwice() {
        refused(
                Fault.INVALID,
                "labels",
                "labels are told twice: by file, and by a part of their own",
                "x",
                Options.NONE,
                Map.of("file", Uploads.text("label,x\n1,2\n"), "labels", Uploads.text("1\n")));
        refused(
                Fault.INVALID,
                "labels",
                "labels is there twice: in file, and as a part of its own",
                "x",
                Options.NONE,
                Map.of(
                        "file",
                        zip("x.npy", FOUR, "labels.npy", Uploads.npy(new float[4], 4)),
                        "labels",
                        Uploads.text("1\n")));
    }

    @Test
    void arraysThatNobodyKnows() {
        refused(
                Fault.INVALID,
                "file",
                "file has arrays x_test, x_train, the examples must be called x",
                zip("x_train.npy", FOUR, "x_test.npy", FOUR));
        refused(
                Fault.INVALID,
                "y",
                "file has an array 'y', beside x there may be labels, groups and mask",
                zip("x.npy", FOUR, "y.npy", FOUR));
        refused(
                Fault.INVALID,
                "readme.txt",
                "readme.txt in file is no array: .npz holds .npy files",
                zip("x.npy", FOUR, "readme.txt", FOUR));
    }

    @Test
    void picturesOfOtherSizesAndColours() {
        refused(
                Fault.INVALID,
                "b.png",
                "b.png in file is a picture of shape [1, 2, 1], a.png is of [1, 1, 2]; with resize=HxW all are scaled to one",
                zip("a.png", Uploads.png(2, 1, 1, 2), "b.png", Uploads.png(1, 2, 1, 2)));
        refused(
                Fault.INVALID,
                "b.png",
                "b.png in file is a picture of shape [3, 1, 1], a.png is of [1, 1, 1]; with resize=HxW all are scaled to one",
                zip("a.png", Uploads.png(1, 1, 1), "b.png", Uploads.png(1, 1, 1, 2, 3)));
    }

    @Test
    void filesThatAreNoPictures() {
        refused(
                Fault.MALFORMED,
                "notes.txt",
                "notes.txt in file is neither a PNG nor a JPEG picture: leave it out, or convert it",
                zip("a.png", Uploads.png(1, 1, 1), "notes.txt", Uploads.text("hello")));
        refused(
                Fault.MALFORMED,
                "README.txt",
                "README.txt in file, the first of 2 such files, is neither a PNG nor a JPEG picture: leave it out, or convert it",
                zip(
                        "README.txt",
                        Uploads.text("hello"),
                        "coat/a.png",
                        Uploads.png(1, 1, 1),
                        "bag/b.png",
                        Uploads.png(1, 1, 1),
                        "bag/empty",
                        new byte[0]));
        refused(
                Fault.MALFORMED,
                "a.png",
                "a.png is neither a PNG nor a JPEG picture",
                zip("a.png", Uploads.text("GIF89a")));
        refused(
                Fault.MALFORMED,
                "file",
                "file is a zip of neither PNG or JPEG pictures nor .npy arrays, it has data.csv: send that itself, or packed with gzip",
                zip("data.csv", Uploads.text("1,2\n"), "__MACOSX/._data.csv", new byte[] {0}));
        refused(
                Fault.MALFORMED,
                "file",
                "file is a zip of neither PNG or JPEG pictures nor .npy arrays, it has a.gif, b.gif",
                zip("a.gif", Uploads.text("GIF89a"), "b.gif", Uploads.text("GIF89a")));
        refused(
                Fault.MALFORMED,
                "file",
                "file is a workbook of Excel: save it as CSV",
                zip("[Content_Types].xml", Uploads.text("<x/>"), "xl/workbook.xml", Uploads.text("<x/>")));
        byte[] png = Uploads.png(1, 1, 1);
        png[png.length - 20] ^= 1;
        refused(
                Fault.MALFORMED,
                "a.png",
                "a.png is no whole PNG picture: the checksum of the chunk at byte 33 is wrong",
                zip("a.png", png));
        refused(Fault.INVALID, "file", "file is a zip without files", zip("folder/", new byte[0]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"..cat/a.png", ".hidden/a.png", "dog/.a.PNG", ".cat\\a", ".cat/.DS_Store.png"})
    void picturesThatAreHidden(String name) {
        String detail = name
                + " in file is hidden, for a name in its path begins with a dot: leave it out, or call it otherwise";
        byte[] picture = Uploads.png(1, 1, 1);
        refused(Fault.INVALID, name, detail, zip(name, picture));
        refused(Fault.INVALID, name, detail, zip("dog/b.png", picture, "__MACOSX/b.png", picture, name, picture));
    }

    @Test
    void zipsOfNothingButWhatIsNotLookedAt() {
        refused(
                Fault.INVALID,
                "file",
                "file is a zip without files; what is hidden is not looked at: ._a.png, .x/x.npy, __MACOSX/a.png, Thumbs.db",
                zip(
                        "._a.png",
                        Uploads.png(1, 1, 1),
                        ".x/x.npy",
                        FOUR,
                        "__MACOSX/a.png",
                        Uploads.png(1, 1, 1),
                        "Thumbs.db",
                        new byte[1]));
    }

    @Test
    void picturesBesideFolders() {
        refused(
                Fault.INVALID,
                "b.png",
                "b.png in file is in no folder, and others are: folders are labels",
                zip("coat/a.png", Uploads.png(1, 1, 1), "b.png", Uploads.png(1, 1, 1)));
    }

    @Test
    void aZipBomb() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("bomb.png"));
            zip.write(Uploads.png(1, 1, 1), 0, 8);
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 33; i++) {
                zip.write(zeros);
            }
        }
        refused(
                Fault.TOO_LARGE,
                "bomb.png",
                "bomb.png in file unpacks to more than the 33554432 bytes allowed for a picture",
                out.toByteArray());
    }

    @Test
    void aZipThatIsCutOff() {
        byte[] zip = zip("a.png", Uploads.png(1, 1, 1));
        refused(
                Fault.MALFORMED,
                "file",
                "file cannot be read as a zip: it has no end record: it is truncated, or no zip",
                Arrays.copyOf(zip, zip.length - 1));
    }

    @Test
    void optionsForOtherFormats() {
        refused(
                Fault.INVALID,
                "resize",
                "resize is for zips of pictures, file is of format npy",
                "x",
                new Options(null, false, new int[] {1, 1}, null),
                Map.of("file", FOUR));
        refused(
                Fault.INVALID,
                "header",
                "header is for CSV, file is of format npy",
                "x",
                new Options(null, false, null, true),
                Map.of("file", FOUR));
    }

    private static byte[] zip(Object... namesAndContents) {
        SequencedMap<String, byte[]> entries = new LinkedHashMap<>();
        for (int i = 0; i < namesAndContents.length; i += 2) {
            entries.put((String) namesAndContents[i], (byte[]) namesAndContents[i + 1]);
        }
        return Uploads.zip(entries);
    }

    private void refused(Fault fault, String field, String detail, byte[] file) {
        refused(fault, field, detail, "x", Options.NONE, Map.of("file", file));
    }

    private void refused(
            Fault fault, String field, String detail, String name, Options options, Map<String, byte[]> parts) {
        Problem problem = catchThrowableOfType(Problem.class, () -> store.add(name, options, parts));
        assertThat(problem).as("problem").isNotNull();
        assertThat(problem.detail()).isEqualTo(detail);
        assertThat(problem.errors()).extracting(Problem.FieldError::field).containsExactly(field);
        assertThat(problem.fault()).isEqualTo(fault);
        assertThat(Files.exists(root)).isTrue();
        assertThat(Tree.of(root).contents()).containsOnlyKeys("");
    }
}
