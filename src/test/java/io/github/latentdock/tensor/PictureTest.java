package io.github.latentdock.tensor;

import static io.github.latentdock.tensor.Tensors.assertProblem;
import static io.github.latentdock.tensor.Tensors.shape;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.problem.Fault;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class PictureTest {

    private static final byte[] GREY = new PngFile(2, 1, 8, PngFile.GREY).lines(new int[] {51, 255});
    private static final byte[] RED_AND_WHITE =
            new PngFile(2, 1, 8, PngFile.RGB).lines(new int[] {255, 0, 0, 255, 255, 255});
    private static final byte[] BOMB = new PngFile(30_000, 30_000, 8, PngFile.GREY).lines(new int[] {0});

    private static Tensor resized(byte[] png, int... rowShape) {
        return WireFormat.PNG.payload(png).rows("instances", rowShape, ValueRange.UNIT, true);
    }

    @Test
    void aPictureOfAnotherSizeIsRefusedWithWhatItShouldBe() {
        assertProblem(
                Fault.INVALID,
                "instances is a picture of 2 x 1 pixels in grey, model needs 32 x 28 pixels in grey;"
                        + " with resize=true it is scaled and converted",
                () -> WireFormat.PNG.payload(GREY).rows("instances", 1, 28, 32));
    }

    @Test
    void aPictureOfOtherColoursIsRefusedWithWhatItShouldBe() {
        assertProblem(
                Fault.INVALID,
                "instances is a picture of 2 x 1 pixels in RGB, model needs 2 x 1 pixels in grey;"
                        + " with resize=true it is scaled and converted",
                () -> WireFormat.PNG.payload(RED_AND_WHITE).rows("instances", 1, 1, 2));
    }

    @Test
    void aPictureIsNoRowOfLatents() {
        assertProblem(
                Fault.UNSUPPORTED_CONTENT,
                "latents is a picture, rows of shape [32] are needed:"
                        + " send them as JSON, application/x-npy or application/octet-stream",
                () -> WireFormat.PNG.payload(GREY).rows("latents", 32));
    }

    @Test
    void aPictureOfTwoChannelsIsNeverRight() {
        assertProblem(
                Fault.UNSUPPORTED_CONTENT,
                "instances is a picture, rows of shape [2, 1, 2] are needed:"
                        + " send them as JSON, application/x-npy or application/octet-stream",
                () -> resized(GREY, 2, 1, 2));
    }

    @Test
    void aSmallBodyThatUnpacksToAHugePictureIsRefusedByItsHeader() {
        assertProblem(
                Fault.TOO_LARGE,
                "instances is a picture of 30000 x 30000 pixels, at most 16777216 pixels are read",
                () -> resized(BOMB, 1, 28, 28));
    }

    @Test
    void greyBecomesThreeEqualColours() {
        assertThat(resized(GREY, 3, 1, 2).values()).containsExactly(0.2f, 1, 0.2f, 1, 0.2f, 1);
    }

    @Test
    void coloursBecomeGreyByTheirLuma() {
        float[] values = resized(RED_AND_WHITE, 1, 1, 2).values();

        // 0.299 + 0.587 + 0.114 may be off 1 by a rounding of float32.
        assertThat(values[0]).isEqualTo(0.299f);
        assertThat(values[1]).isCloseTo(1, Offset.offset(1e-6f));
    }

    @Test
    void whatTheModelNeedsIsNotChangedByTheRightToResize() {
        assertThat(resized(GREY, 1, 1, 2).values()).containsExactly(0.2f, 1);
    }

    @Test
    void scalingDownWeighsAllPixelsByTheirDistance() {
        byte[] png = new PngFile(4, 2, 8, PngFile.GREY).lines(new int[] {0, 51, 51, 0}, new int[] {255, 102, 102, 255});

        float[] values = resized(png, 1, 2, 1).values();

        // The centres of a line's pixels are 1.5, 0.5, 0.5 and 1.5 from its middle, the triangle reaches 4 to each
        // side.
        float sum = 2 * (1 - 1.5f / 4) + 2 * (1 - 0.5f / 4);
        float outer = 2 * (1 - 1.5f / 4) / sum;
        float inner = 2 * (1 - 0.5f / 4) / sum;
        assertThat(values[0]).isCloseTo(inner * 0.2f, Offset.offset(1e-6f));
        assertThat(values[1]).isCloseTo(outer + inner * 0.4f, Offset.offset(1e-6f));
    }

    @Test
    void pixelsThatWereNotObservedLendNothingToScaledOnes() {
        byte[] png = new PngFile(4, 1, 8, PngFile.GREY_ALPHA).lines(new int[] {51, 255, 255, 0, 51, 255, 51, 255});

        for (float value : resized(png, 1, 1, 2).values()) {
            assertThat(value).isCloseTo(0.2f, Offset.offset(1e-6f));
        }
    }

    @Test
    void aScaledPixelIsObservedWhenHalfOfItWas() {
        byte[] png = new PngFile(4, 1, 8, PngFile.GREY_ALPHA).lines(new int[] {51, 255, 51, 255, 9, 0, 9, 0});

        assertThat(WireFormat.PNG
                        .payload(png)
                        .observed("instances", shape(1, 1, 2), true)
                        .orElseThrow()
                        .values())
                .containsExactly(1, 0);
    }
}
