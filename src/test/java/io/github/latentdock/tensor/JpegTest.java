package io.github.latentdock.tensor;

import static io.github.latentdock.tensor.Tensors.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.problem.Fault;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class JpegTest {

    /** A slope, which a JPEG of good quality keeps to within a few of 255 steps. */
    private static final Offset<Float> LOSS = Offset.offset(4 / 255f);

    private static byte[] written(Tensor tensor) throws IOException {
        var body = new ByteArrayOutputStream();
        WireFormat.JPEG.write(tensor, ValueRange.UNIT, body);
        return body.toByteArray();
    }

    private static Tensor rows(byte[] jpeg, int... rowShape) {
        return WireFormat.JPEG.payload(jpeg).rows("instances", rowShape);
    }

    private static Tensor greySlope() {
        return Tensors.filled(i -> (i / 16 + i % 16) / 30.0, 1, 1, 16, 16);
    }

    /** Every colour plane is of one value, so that the colours' lower resolution does not matter. */
    private static Tensor orange() {
        return Tensors.filled(i -> i < 256 ? 1 : i < 512 ? 0.5 : 0.1, 1, 3, 16, 16);
    }

    private static void assertClose(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        for (int i = 0; i < expected.values().length; i++) {
            assertThat(actual.values()[i]).as("value %d", i).isCloseTo(expected.values()[i], LOSS);
        }
    }

    @Test
    void aGreyPictureKeepsItsGreysWithoutAnyGamma() throws IOException {
        assertClose(rows(written(greySlope()), 1, 16, 16), greySlope());
    }

    @Test
    void aPictureOfColoursKeepsThem() throws IOException {
        assertClose(rows(written(orange()), 3, 16, 16), orange());
    }

    @Test
    void profilesAndExifAreIgnored() throws IOException {
        byte[] jpeg = written(greySlope());
        byte[] withRubbish = ByteBuffer.allocate(jpeg.length + 20)
                .put(jpeg, 0, 2)
                .put(new byte[] {(byte) 0xff, (byte) 0xe1, 0, 8, 'E', 'x', 'i', 'f', 0, 0})
                .put(new byte[] {(byte) 0xff, (byte) 0xe2, 0, 8, 'I', 'C', 'C', '_', 'P', 'R'})
                .put(jpeg, 2, jpeg.length - 2)
                .array();

        assertThat(rows(withRubbish, 1, 16, 16)).isEqualTo(rows(jpeg, 1, 16, 16));
    }

    @Test
    void cmykIsRefused() throws IOException {
        var body = new ByteArrayOutputStream();
        var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (var out = new MemoryCacheImageOutputStream(body)) {
            writer.setOutput(out);
            writer.write(
                    null,
                    new IIOImage(Raster.createInterleavedRaster(0, 16, 16, 4, null), null, null),
                    writer.getDefaultWriteParam());
        } finally {
            writer.dispose();
        }

        assertProblem(
                Fault.INVALID,
                "instances is a picture of 4 colour channels (CMYK has 4), grey has 1 and RGB 3: one of these is needed",
                () -> rows(body.toByteArray(), 3, 16, 16));
    }

    @Test
    void aPictureThatIsCutOffIsNotFilledUpWithGrey() throws IOException {
        byte[] jpeg = written(greySlope());

        assertProblem(
                Fault.MALFORMED,
                "instances is a JPEG picture that cannot be decoded: it is damaged or of a rare kind",
                () -> rows(Arrays.copyOf(jpeg, jpeg.length - 10), 1, 16, 16));
    }

    @Test
    void aHeaderThatIsCutOffIsDamage() throws IOException {
        byte[] jpeg = written(greySlope());

        assertProblem(
                Fault.MALFORMED,
                "instances is no whole JPEG picture: it ends within its header",
                () -> rows(Arrays.copyOf(jpeg, 40), 1, 16, 16));
    }

    @Test
    void anotherFormatIsNotTakenForJpeg() {
        byte[] png = new PngFile(2, 1, 8, PngFile.GREY).lines(new int[] {7, 8});

        assertProblem(
                Fault.MALFORMED, "instances is no whole JPEG picture: a marker is missing", () -> rows(png, 1, 1, 2));
    }
}
