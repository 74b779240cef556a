package io.github.latentdock.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.dataset.Dataset.Codes;
import io.github.latentdock.dataset.Dataset.Source;
import io.github.latentdock.tensor.ValueRange;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each format becomes, number by number. */
class DatasetFormatsTest {

    private static final byte[] BYTES = {0, 51, 102, (byte) 153, (byte) 204, (byte) 255, 1, 2};

    @TempDir
    Path root = Path.of("");

    private Store store = Store.at(root);

    @BeforeEach
    void open() {
        store = Store.at(root);
    }

    @Test
    void floatsOfNpyAreTakenAsTheyAre() throws Exception {
        byte[] file = Uploads.npy(new float[] {1, -2, 3.5f, 0, 1e9f, 5}, 3, 2);

        Dataset dataset = store.add("vectors", file);

        assertThat(dataset.id())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(file)));
        assertThat(dataset.rows()).isEqualTo(3);
        assertThat(dataset.shape()).containsExactly(2);
        assertThat(dataset.elementType()).isEqualTo(ElementType.FLOAT32);
        assertThat(dataset.range()).isNull();
        assertThat(dataset.source()).isEqualTo(new Source(DatasetFormat.NPY, null, null));
        assertThat(store.values(dataset)).containsExactly(1, -2, 3.5f, 0, 1e9f, 5);
        assertThat(dataset.hasMask() || dataset.hasLabels() || dataset.hasGroups())
                .isFalse();
    }

    @Test
    void statisticsAreThoseOfTheValues() {
        Dataset dataset = store.add("s", Uploads.npy(new float[] {-0.5f, 0.5f, 1, 0, 0.25f, 0.25f}, 2, 3));

        assertThat(dataset.range()).isEqualTo(new ValueRange(-1, 1));
        assertThat(dataset.statistics().mean()).isCloseTo(0.25, within(1e-12));
        // Of -0.75, 0.25, 0.75, -0.25, 0, 0: the root of 1.25 / 6.
        assertThat(dataset.statistics().deviation()).isCloseTo(Math.sqrt(1.25 / 6), within(1e-12));
        assertThat(dataset.statistics().min()).isEqualTo(-0.5);
        assertThat(dataset.statistics().max()).isEqualTo(1);
        assertThat(dataset.statistics().missingShare()).isZero();
    }

    @Test
    void bytesOfNpyArePicturesInZeroToOne() {
        Dataset dataset = store.add("pictures", Uploads.npyBytes(BYTES, 2, 2, 2));

        assertThat(dataset.shape()).containsExactly(1, 2, 2);
        assertThat(dataset.elementType()).isEqualTo(ElementType.UINT8);
        assertThat(dataset.range()).isEqualTo(ValueRange.UNIT);
        assertThat(store.values(dataset)).containsExactly(0, 0.2f, 0.4f, 0.6f, 0.8f, 1, 1 / 255f, 2 / 255f);
        assertThat(dataset.statistics().max()).isCloseTo(1, within(1e-12));
        assertThat(dataset.statistics().mean()).isCloseTo((765 + 3) / 255.0 / 8, within(1e-12));
        assertThat(root.resolve("pictures/values.bin")).hasBinaryContent(BYTES);
    }

    @Test
    void coloursThatComeLastGoFirst() {
        byte[] pixels = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

        Dataset dataset = store.add("colours", Uploads.npyBytes(pixels, 1, 2, 2, 3));

        assertThat(dataset.shape()).containsExactly(3, 2, 2);
        assertThat(root.resolve("colours/values.bin"))
                .hasBinaryContent(new byte[] {1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12});
    }

    @Test
    void coloursThatComeFirstStay() {
        Dataset dataset = store.add("colours", Uploads.npyBytes(new byte[12], 1, 3, 2, 2));

        assertThat(dataset.shape()).containsExactly(3, 2, 2);
    }

    @Test
    void numbersOfOtherTypesBecomeFloats() {
        byte[] doubles = ByteBuffer.allocate(16).putDouble(1.5).putDouble(-2).array();
        byte[] shorts = {1, 0, (byte) 0xff, (byte) 0xff};

        assertThat(store.values(store.add("doubles", Uploads.npy(">f8", doubles, 1, 2))))
                .containsExactly(1.5f, -2);
        assertThat(store.values(store.add("shorts", Uploads.npy("<i2", shorts, 1, 2))))
                .containsExactly(1, -1);
        assertThat(store.values(store.add("truths", Uploads.npy("|b1", new byte[] {1, 0}, 1, 2))))
                .containsExactly(1, 0);
    }

    @Test
    void npyInFortranOrderIsReadAsNumPyWroteIt() throws Exception {
        byte[] written = Files.readAllBytes(Path.of("src/test/resources/golden/npy/fortran.npy"));

        Dataset dataset = store.add("fortran", written);

        assertThat(dataset.rows()).isEqualTo(2);
        assertThat(dataset.shape()).containsExactly(2, 3);
        assertThat(store.values(dataset)).containsExactly(0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1);
    }

    @Test
    void bytesInFortranOrderStayBytes() throws Exception {
        // Rows [0, 51, 102], [153, 204, 255] by their columns.
        byte[] columns = {0, (byte) 153, 51, (byte) 204, 102, (byte) 255};

        Dataset dataset = store.add("columns", Uploads.npy("|u1", true, columns, 2, 3));

        assertThat(dataset.elementType()).isEqualTo(ElementType.UINT8);
        assertThat(root.resolve("columns/values.bin"))
                .hasBinaryContent(new byte[] {0, 51, 102, (byte) 153, (byte) 204, (byte) 255});
    }

    @Test
    void arraysOfNpzMayBeInFortranOrder() {
        var arrays = new LinkedHashMap<String, byte[]>();
        arrays.put("labels.npy", Uploads.npy("<i4", true, Uploads.ints(16777217, 5), 2, 1));
        arrays.put("mask.npy", Uploads.npyFortran(new float[] {1, 0, 1, 1}, 2, 2));
        arrays.put("x.npy", Uploads.npyFortran(new float[] {1, 2, 3, 4}, 2, 2));

        Dataset dataset = store.add("npz", Uploads.zip(arrays));

        assertThat(store.values(dataset)).containsExactly(1, 0, 3, 4);
        assertThat(store.mask(dataset)).containsExactly(1, 0, 1, 1);
        assertThat(store.labels(dataset)).containsExactly(16777217, 5);
    }

    @Test
    void arraysOfNpzAreKnownByTheirNames() {
        var arrays = new LinkedHashMap<String, byte[]>();
        arrays.put("groups.npy", Uploads.npy("<i4", Uploads.ints(7, 8), 2));
        arrays.put("labels.npy", Uploads.npyBytes(new byte[] {3, 1}, 2, 1));
        arrays.put("mask.npy", Uploads.npy("|b1", new byte[] {1, 0, 0, 1}, 2, 2));
        arrays.put("x.npy", Uploads.npy(new float[] {1, 2, 3, 4}, 2, 2));

        Dataset dataset = store.add("npz", Uploads.zip(arrays));

        assertThat(dataset.source().format()).isEqualTo(DatasetFormat.NPZ);
        assertThat(store.values(dataset)).containsExactly(1, 0, 0, 4);
        assertThat(store.mask(dataset)).containsExactly(1, 0, 0, 1);
        assertThat(store.labels(dataset)).containsExactly(3, 1);
        assertThat(store.groups(dataset)).containsExactly(7, 8);
        assertThat(dataset.labels()).isEqualTo(new Codes(1, 3, 2, null));
        assertThat(dataset.statistics().missingShare()).isEqualTo(0.5);
        assertThat(dataset.statistics().mean()).isEqualTo(2.5);
    }

    @Test
    void theOnlyArrayOfNpzMayHaveAnyName() {
        var arrays = new LinkedHashMap<>(Map.of("arr_0.npy", Uploads.npy(new float[] {1, 2}, 1, 2)));

        assertThat(store.values(store.add("npz", Uploads.zip(arrays)))).containsExactly(1, 2);
    }

    @Test
    void idxIsReadPackedAndUnpacked() {
        byte[] idx = Uploads.idx(BYTES, 2, 2, 2);

        Dataset plain = store.add("plain", idx);
        Dataset packed = store.add("packed", Uploads.gzip(idx));

        assertThat(plain.shape()).containsExactly(1, 2, 2);
        assertThat(plain.source().format()).isEqualTo(DatasetFormat.IDX);
        assertThat(store.values(plain)).containsExactly(store.values(packed));
        assertThat(root.resolve("packed/values.bin")).hasBinaryContent(BYTES);
        assertThat(plain.id()).isNotEqualTo(packed.id());
    }

    @Test
    void idxOfFloatsIsBigEndian() {
        byte[] floats = Uploads.floats(ByteOrder.BIG_ENDIAN, 1.5f, -3);

        assertThat(store.values(store.add("floats", Uploads.idx(0x0d, floats, 2, 1))))
                .containsExactly(1.5f, -3);
    }

    @Test
    void csvWithoutAHeaderHasNumbersInEveryLine() {
        Dataset dataset = store.add("csv", Uploads.text("1,2,3\n\n4, 5e-1,-6\r\n"));

        assertThat(dataset.source().format()).isEqualTo(DatasetFormat.CSV);
        assertThat(dataset.shape()).containsExactly(3);
        assertThat(store.values(dataset)).containsExactly(1, 2, 3, 4, 0.5f, -6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a,b\n1.5,2\n3,4\n",
                "\ufeffa;b\r\n1.5;2\r\n\r\n3;4",
                "a\tb\r1.5\t2\r3\t4\r",
                "sep=;\r\n1.5;2\r\n3;4\r\n",
                "\"x, y; z\"\tb\n\"1.5\" \t 2\n 3 \t\"4\"\n",
            })
    void linesAndFieldsMayEndInSeveralWays(String text) {
        assertThat(store.values(store.add("csv", Uploads.text(text)))).containsExactly(1.5f, 2, 3, 4);
    }

    @Test
    void csvWithAHeaderMayHaveLabelsAndGroups() {
        Dataset dataset =
                store.add("csv", Uploads.text("\ufeffa;Label;b;group\n1;\"shoe; big\";2;10\n3;coat;4;-5\n5;coat;6;10"));

        assertThat(dataset.shape()).containsExactly(2);
        assertThat(store.values(dataset)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(dataset.labels()).isEqualTo(new Codes(0, 1, 2, List.of("coat", "shoe; big")));
        assertThat(store.labels(dataset)).containsExactly(1, 0, 0);
        assertThat(dataset.groups()).isEqualTo(new Codes(-5, 10, null, null));
        assertThat(store.groups(dataset)).containsExactly(10, -5, 10);
    }

    @Test
    void columnsMayBeCalledByNumbersBesideALabel() {
        Dataset dataset = store.add("csv", Uploads.text("label\t0\t1\n5\t0.5\t1\n"));

        assertThat(store.values(dataset)).containsExactly(0.5f, 1);
        assertThat(store.labels(dataset)).containsExactly(5);
    }

    /** What would be missing, or a share, were there no name beside it. */
    @ParameterizedTest
    @ValueSource(strings = {"Na,Mg", "mean,50%", "0_0,0_1"})
    void columnsMayBeCalledLikeValuesBesideNames(String header) {
        assertThat(store.values(store.add("csv", Uploads.text(header + "\n1,2\n"))))
                .containsExactly(1, 2);
    }

    @Test
    void aHeaderOfNumbersMustBeTold() {
        byte[] file = Uploads.text("1,2\n3,4\n");

        Dataset plain = store.add("plain", file);
        Dataset told = store.add("told", new Options(null, false, null, true), Map.of("file", file))
                .dataset();

        assertThat(store.values(plain)).containsExactly(1, 2, 3, 4);
        assertThat(store.values(told)).containsExactly(3, 4);
    }

    @Test
    void foldersOfPicturesAreLabels() {
        var pictures = new LinkedHashMap<String, byte[]>();
        pictures.put("all/", new byte[0]);
        pictures.put("all/coat/1.png", Uploads.png(2, 1, 0, 255));
        pictures.put("all/bag/2.png", Uploads.png(2, 1, 51, 102));
        pictures.put("all/bag/.DS_Store", new byte[] {1});
        pictures.put("__MACOSX/all/bag/2.png", new byte[] {1});
        pictures.put("all/Thumbs.db", new byte[] {1});
        pictures.put("all/bag/desktop.ini", new byte[] {1});
        pictures.put("all/coat/3.png", Uploads.png(2, 1, 153, 204));

        Dataset dataset = store.add("clothes", Uploads.zip(pictures));

        assertThat(dataset.source().format()).isEqualTo(DatasetFormat.ZIP);
        assertThat(dataset.shape()).containsExactly(1, 1, 2);
        assertThat(dataset.elementType()).isEqualTo(ElementType.UINT8);
        assertThat(store.values(dataset)).containsExactly(0, 1, 0.2f, 0.4f, 0.6f, 0.8f);
        assertThat(dataset.labels()).isEqualTo(new Codes(0, 1, 2, List.of("bag", "coat")));
        assertThat(store.labels(dataset)).containsExactly(1, 0, 1);
    }

    @Test
    void foldersMayBeWrittenInOtherWays() {
        var pictures = new LinkedHashMap<String, byte[]>();
        pictures.put("./coat/a.png", Uploads.png(1, 1, 1));
        pictures.put("bag\\b.png", Uploads.png(1, 1, 2));

        assertThat(store.add("folders", Uploads.zip(pictures)).labels())
                .isEqualTo(new Codes(0, 1, 2, List.of("bag", "coat")));
    }

    @Test
    void aPictureNeedsNoNameOfOne() {
        var pictures = new LinkedHashMap<String, byte[]>();
        pictures.put("1", Uploads.png(1, 1, 51));

        assertThat(store.values(store.add("names", Uploads.zip(pictures)))).containsExactly(0.2f);
    }

    @Test
    void whatFileManagersPutBesideArraysIsNotLookedAt() {
        var arrays = new LinkedHashMap<String, byte[]>();
        arrays.put("x.npy", Uploads.npy(new float[] {1, 2}, 2, 1));
        arrays.put("__MACOSX/._x.npy", new byte[] {1});
        arrays.put(".DS_Store", new byte[] {1});

        assertThat(store.values(store.add("mac", Uploads.zip(arrays)))).containsExactly(1, 2);
    }

    @Test
    void foldersThatAreNumbersAreThoseLabels() {
        var pictures = new LinkedHashMap<String, byte[]>();
        pictures.put("7/a.png", Uploads.png(1, 1, 1));
        pictures.put("3/b.png", Uploads.png(1, 1, 2));

        assertThat(store.labels(store.add("digits", Uploads.zip(pictures)))).containsExactly(7, 3);
    }

    @Test
    void aSingleFolderIsNoLabel() {
        var pictures = new LinkedHashMap<>(Map.of("pictures/a.png", Uploads.png(1, 1, 1)));

        assertThat(store.add("one", Uploads.zip(pictures)).hasLabels()).isFalse();
    }

    @Test
    void picturesAreResizedAndConvertedOnRequest() {
        var pictures = new LinkedHashMap<String, byte[]>();
        pictures.put("a.png", Uploads.png(2, 2, 10, 20, 30, 40));
        pictures.put(
                "b.png",
                Uploads.png(4, 4, new int[] {40, 40, 80, 80, 40, 40, 80, 80, 120, 120, 160, 160, 120, 120, 160, 160}));
        pictures.put("c.png", Uploads.png(1, 1, 90, 90, 90));

        Dataset dataset = store.add(
                        "sized",
                        new Options(null, false, new int[] {1, 1}, null),
                        Map.of("file", Uploads.zip(pictures)))
                .dataset();

        assertThat(dataset.shape()).containsExactly(1, 1, 1);
        assertThat(dataset.source().resize()).isEqualTo("1x1");
        // The means of all pixels.
        assertThat(root.resolve("sized/values.bin")).hasBinaryContent(new byte[] {25, 100, 90});
    }

    @Test
    void labelsMayComeAsLinesOfText() {
        Map<String, byte[]> parts = Map.of(
                "file", Uploads.npy(new float[] {1, 2, 3}, 3, 1),
                "labels", Uploads.text("label\nwet\ndry\nwet\n"),
                "groups", Uploads.gzip(Uploads.text("5\n5\n6\n")));

        Dataset dataset = store.add("named", Options.NONE, parts).dataset();

        assertThat(dataset.labels()).isEqualTo(new Codes(0, 1, 2, List.of("dry", "wet")));
        assertThat(store.labels(dataset)).containsExactly(1, 0, 1);
        assertThat(store.groups(dataset)).containsExactly(5, 5, 6);
    }

    @Test
    void aMaskMayHaveTheShapeOfThePictures() {
        Map<String, byte[]> parts = Map.of(
                "file", Uploads.idx(BYTES, 2, 2, 2), "mask", Uploads.idx(new byte[] {1, 1, 0, 1, 1, 1, 1, 0}, 2, 2, 2));

        Dataset dataset = store.add("masked", Options.NONE, parts).dataset();

        assertThat(store.mask(dataset)).containsExactly(1, 1, 0, 1, 1, 1, 1, 0);
        assertThat(dataset.statistics().missingShare()).isEqualTo(0.25);
        assertThat(store.values(dataset)).containsExactly(0, 0.2f, 0, 0.6f, 0.8f, 1, 1 / 255f, 0);
    }

    @Test
    void aMaskOfColoursGoesTheirWay() {
        Map<String, byte[]> parts = Map.of(
                "file",
                Uploads.npyBytes(new byte[] {1, 2, 3, 4, 5, 6}, 1, 2, 1, 3),
                "mask",
                Uploads.npy("|b1", new byte[] {1, 0, 1, 1, 1, 0}, 1, 2, 1, 3));

        assertThat(store.mask(store.add("masked", Options.NONE, parts).dataset()))
                .containsExactly(1, 1, 0, 1, 1, 0);
    }

    @Test
    void nanIsMissingWhereItIsAnnounced() {
        byte[] file = Uploads.npy(new float[] {1, Float.NaN, 3, 5}, 2, 2);

        Dataset dataset = store.add("gaps", new Options(null, true, null, null), Map.of("file", file))
                .dataset();

        assertThat(dataset.hasMask()).isTrue();
        assertThat(dataset.source().missing()).isEqualTo("nan");
        assertThat(store.values(dataset)).containsExactly(1, 0, 3, 5);
        assertThat(store.mask(dataset)).containsExactly(1, 0, 1, 1);
        assertThat(dataset.statistics().missingShare()).isEqualTo(0.25);
        assertThat(dataset.statistics().mean()).isEqualTo(3);
        assertThat(dataset.statistics().min()).isEqualTo(1);
    }

    @Test
    void emptyFieldsOfCsvAreMissingWhereThatIsAnnounced() {
        Dataset dataset = store.add(
                        "gaps", new Options(null, true, null, null), Map.of("file", Uploads.text("1,,3\n,nan,6\n")))
                .dataset();

        assertThat(store.values(dataset)).containsExactly(1, 0, 3, 0, 0, 6);
        assertThat(store.mask(dataset)).containsExactly(1, 0, 1, 0, 0, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1\t2\n\t\n \n5\t6\n", "1,2\n,\n\t\n5,6\n", "\n1;2\n ; \n5;6\n"})
    void aLineOfSeparatorsIsARowAndAnEmptyOneIsNone(String text) {
        Dataset dataset = store.add("gaps", new Options(null, true, null, null), Map.of("file", Uploads.text(text)))
                .dataset();

        assertThat(store.values(dataset)).containsExactly(1, 2, 0, 0, 5, 6);
        assertThat(store.mask(dataset)).containsExactly(1, 1, 0, 0, 1, 1);
    }

    @Test
    void aFirstLineOfTabsIsARow() {
        Dataset dataset = store.add(
                        "gaps", new Options(null, true, null, null), Map.of("file", Uploads.text("\t\n3\t4\n")))
                .dataset();

        assertThat(store.mask(dataset)).containsExactly(0, 0, 1, 1);
    }

    @Test
    void nanUnderAMaskIsMissingAnyway() {
        Map<String, byte[]> parts = Map.of(
                "file", Uploads.npy(new float[] {Float.NaN, 2}, 1, 2),
                "mask", Uploads.npyBytes(new byte[] {0, 1}, 1, 2));

        Dataset dataset = store.add("gaps", Options.NONE, parts).dataset();

        assertThat(store.values(dataset)).containsExactly(0, 2);
        assertThat(store.mask(dataset)).containsExactly(0, 1);
    }

    @Test
    void whatIsAnnouncedNeedNotBeThere() {
        byte[] file = Uploads.npy(new float[] {1, 2}, 1, 2);

        Dataset dataset = store.add("whole", new Options(null, true, null, null), Map.of("file", file))
                .dataset();

        assertThat(dataset.hasMask()).isFalse();
        assertThat(root.resolve("whole")).isDirectoryNotContaining("glob:**mask.bin");
    }
}
