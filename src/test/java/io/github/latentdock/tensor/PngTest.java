package io.github.latentdock.tensor;

import static io.github.latentdock.tensor.Tensors.assertProblem;
import static io.github.latentdock.tensor.Tensors.shape;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.problem.Fault;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngTest {

    private static float[] values(byte[] png, int... rowShape) {
        return picture(png).rows("instances", rowShape).values();
    }

    private static Payload picture(byte[] png) {
        return WireFormat.PNG.payload(png);
    }

    @Test
    void everyGreyOfEightBitsIsItself() {
        int[] greys = IntStream.range(0, 256).toArray();

        float[] values = values(new PngFile(256, 1, 8, PngFile.GREY).lines(greys), 1, 1, 256);

        assertThat(values).isEqualTo(Tensors.filled(i -> i / 255f, 256).values());
    }

    @Test
    void aGammaThatThePictureTellsChangesNothing() {
        byte[] png = new PngFile(2, 1, 8, PngFile.GREY)
                .chunk("gAMA", (byte) 0, (byte) 1, (byte) 0x86, (byte) 0xa0)
                .lines(new int[] {64, 128});

        assertThat(values(png, 1, 1, 2)).containsExactly(64 / 255f, 128 / 255f);
    }

    @Test
    void coloursOfEightBitsAreThemselvesInPlanes() {
        byte[] png =
                new PngFile(2, 2, 8, PngFile.RGB).lines(new int[] {1, 2, 3, 4, 5, 6}, new int[] {7, 8, 9, 10, 11, 12});

        assertThat(values(png, 3, 2, 2)).isEqualTo(scaled(255, 1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12));
    }

    @Test
    void greysOfSixteenBitsKeepAllOfThem() {
        byte[] png = new PngFile(3, 1, 16, PngFile.GREY).lines(new int[] {0xff, 0xff, 0x12, 0x34, 0x00, 0x01});

        assertThat(values(png, 1, 1, 3)).isEqualTo(scaled(65535, 0xffff, 0x1234, 1));
    }

    @Test
    void coloursOfSixteenBitsKeepAllOfThem() {
        byte[] png = new PngFile(1, 1, 16, PngFile.RGB).lines(new int[] {0xff, 0xff, 0x12, 0x34, 0x00, 0x01});

        assertThat(values(png, 3, 1, 1)).isEqualTo(scaled(65535, 0xffff, 0x1234, 1));
    }

    @ParameterizedTest
    @CsvSource({"1, 1 0 1 1 0 0 0 1", "2, 3 1 2 0", "4, 7 15"})
    void greysOfFewBitsReachFromBlackToWhite(int bits, String greys) {
        int[] samples =
                Arrays.stream(greys.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
        int packed = Arrays.stream(samples).reduce(0, (line, grey) -> (line << bits) | grey);
        byte[] png = new PngFile(samples.length, 1, bits, PngFile.GREY).lines(new int[] {packed});

        assertThat(values(png, 1, 1, samples.length)).isEqualTo(scaled((1 << bits) - 1, samples));
    }

    @Test
    void aPaletteGivesItsColours() {
        byte[] png = new PngFile(4, 1, 2, PngFile.PALETTE)
                .chunk("PLTE", (byte) 10, (byte) 20, (byte) 30, (byte) 200, (byte) 210, (byte) 220)
                .lines(new int[] {0b00_01_01_00});

        assertThat(values(png, 3, 1, 4)).isEqualTo(scaled(255, 10, 200, 200, 10, 20, 210, 210, 20, 30, 220, 220, 30));
    }

    @Test
    void anAlphaChannelLeavesTheColoursAlone() {
        byte[] png = new PngFile(2, 1, 8, PngFile.RGBA).lines(new int[] {1, 2, 3, 0, 4, 5, 6, 100});

        assertThat(values(png, 3, 1, 2)).isEqualTo(scaled(255, 1, 4, 2, 5, 3, 6));
    }

    @Test
    void valuesAreScaledToTheRangeOfTheModel() {
        byte[] png = new PngFile(3, 1, 8, PngFile.GREY).lines(new int[] {0, 255, 51});

        Tensor rows = picture(png).rows("instances", shape(1, 1, 3), new ValueRange(-1, 1), false);

        assertThat(rows.values()).containsExactly(-1, 1, -1 + 51 / 255f * 2);
    }

    @Test
    void alphaOfAHalfOrMoreIsObserved() {
        byte[] png = new PngFile(4, 1, 8, PngFile.GREY_ALPHA).lines(new int[] {9, 0, 9, 127, 9, 128, 9, 255});

        assertThat(picture(png).observed("instances", shape(1, 1, 4), false))
                .contains(new Tensor(shape(1, 1, 1, 4), Tensors.floats(0, 0, 1, 1)));
    }

    @Test
    void theMaskIsTheSameForEveryColour() {
        byte[] png = new PngFile(2, 1, 8, PngFile.RGBA).lines(new int[] {1, 2, 3, 0, 4, 5, 6, 255});

        assertThat(picture(png).observed("instances", shape(3, 1, 2), false))
                .contains(new Tensor(shape(1, 3, 1, 2), Tensors.floats(0, 1, 0, 1, 0, 1)));
    }

    @Test
    void theTransparencyOfAPaletteIsAMaskToo() {
        byte[] png = new PngFile(2, 1, 8, PngFile.PALETTE)
                .chunk("PLTE", new byte[6])
                .chunk("tRNS", (byte) 255, (byte) 0)
                .lines(new int[] {0, 1});

        assertThat(picture(png)
                        .observed("instances", shape(3, 1, 2), false)
                        .orElseThrow()
                        .values())
                .containsExactly(1, 0, 1, 0, 1, 0);
    }

    @Test
    void aGreyThatMeansTransparentIsAMaskToo() {
        byte[] png = new PngFile(2, 1, 8, PngFile.GREY)
                .chunk("tRNS", (byte) 0, (byte) 7)
                .lines(new int[] {7, 8});

        assertThat(picture(png)
                        .observed("instances", shape(1, 1, 2), false)
                        .orElseThrow()
                        .values())
                .containsExactly(0, 1);
    }

    @Test
    void aPictureWithoutAlphaHasNoMask() {
        byte[] png = new PngFile(2, 1, 8, PngFile.GREY).lines(new int[] {7, 8});

        assertThat(picture(png).observed("instances", shape(1, 1, 2), false)).isEmpty();
    }

    @Test
    void aMissingPieceIsDamage() {
        byte[] png = new PngFile(2, 1, 8, PngFile.GREY).lines(new int[] {7, 8});

        assertProblem(
                Fault.MALFORMED,
                "instances is no whole PNG picture: it ends within a chunk",
                () -> values(Arrays.copyOf(png, png.length - 1), 1, 1, 2));
    }

    @Test
    void aChangedByteIsDamage() {
        byte[] png = new PngFile(2, 1, 8, PngFile.GREY).lines(new int[] {7, 8});
        png[png.length - 20]++;

        assertProblem(
                Fault.MALFORMED,
                "instances is no whole PNG picture: the checksum of the chunk at byte 33 is wrong",
                () -> values(png, 1, 1, 2));
    }

    @Test
    void linesThatAreMissingAreDamage() {
        byte[] png = new PngFile(2, 3, 8, PngFile.GREY).lines(new int[] {7, 8});

        assertProblem(
                Fault.MALFORMED,
                "instances is a PNG picture that cannot be decoded: it is damaged or of a rare kind",
                () -> values(png, 1, 3, 2));
    }

    @Test
    void aFileThatCurlSentAsTextIsToldApart() {
        byte[] stripped = {(byte) 0x89, 'P', 'N', 'G', 0x1a, 'I', 'H', 'D', 'R'};

        assertProblem(
                Fault.MALFORMED,
                "instances is no whole PNG picture: its line breaks are gone, as after curl's -d, which is for text; --data-binary sends bytes",
                () -> values(stripped, 1, 1, 2));
    }

    @Test
    void anotherFormatIsNotTakenForPng() {
        assertProblem(
                Fault.MALFORMED,
                "instances is no whole PNG picture: it does not start like one",
                () -> values("GIF89a".getBytes(StandardCharsets.US_ASCII), 1, 1, 2));
    }

    private static float[] scaled(int largest, int... samples) {
        return Tensors.filled(i -> samples[i] / (float) largest, samples.length).values();
    }
}
