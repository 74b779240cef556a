package io.github.latentdock.tensor;

import static io.github.latentdock.tensor.Tensors.assertProblem;
import static io.github.latentdock.tensor.Tensors.filled;
import static io.github.latentdock.tensor.Tensors.shape;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.problem.Fault;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import javax.imageio.ImageIO;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureWriterTest {

    private static byte[] png(Tensor tensor, ValueRange range, int columns) throws IOException {
        var body = new ByteArrayOutputStream();
        WireFormat.PNG.write(tensor, range, columns, body);
        return body.toByteArray();
    }

    private static BufferedImage image(Tensor tensor) throws IOException {
        var body = new ByteArrayOutputStream();
        WireFormat.PNG.write(tensor, ValueRange.UNIT, body);
        return Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(body.toByteArray())));
    }

    @Property
    void aGreyPictureIsReadAgainToTheBit(@ForAll("greyPictures") Tensor tensor) throws IOException {
        Payload read = WireFormat.PNG.payload(png(tensor, ValueRange.UNIT, 1));

        assertThat(Tensors.rows(read, tensor)).isEqualTo(tensor);
    }

    @Property
    void aPictureOfColoursIsReadAgainToTheBit(@ForAll("rgbPictures") Tensor tensor) throws IOException {
        Payload read = WireFormat.PNG.payload(png(tensor, ValueRange.UNIT, 1));

        assertThat(Tensors.rows(read, tensor)).isEqualTo(tensor);
    }

    @Provide
    Arbitrary<Tensor> greyPictures() {
        return Tensors.anyPicture(1);
    }

    @Provide
    Arbitrary<Tensor> rgbPictures() {
        return Tensors.anyPicture(3);
    }

    @Test
    void valuesBeyondTheRangeAreClippedToIt() throws IOException {
        var tensor = new Tensor(shape(1, 1, 1, 5), Tensors.floats(-7, -1, 0, 3, Float.NaN));

        Payload read = WireFormat.PNG.payload(png(tensor, new ValueRange(-1, 1), 1));

        assertThat(read.rows("instances", 1, 1, 5).values()).containsExactly(0, 0, 128 / 255f, 1, 0);
    }

    @ParameterizedTest
    @CsvSource({"1, 5, 3", "2, 12, 3", "4, 12, 8", "5, 19, 8", "9, 19, 13", "10, 26, 13"})
    void severalPicturesFormAGridThatIsAboutAsWideAsHigh(int rows, int width, int height) throws IOException {
        BufferedImage grid = image(filled(i -> 1, rows, 1, 3, 5));

        assertThat(shape(grid.getWidth(), grid.getHeight())).containsExactly(width, height);
    }

    @Test
    void theNumberOfColumnsCanBeTold() throws IOException {
        Payload grid = WireFormat.PNG.payload(png(filled(i -> i * 51 / 255f, 3, 1, 1, 1), ValueRange.UNIT, 3));

        assertThat(grid.rows("instances", 1, 1, 7).values()).containsExactly(0, 0, 0, 51 / 255f, 0, 0, 102 / 255f);
    }

    @Test
    void picturesFillTheGridLineByLineOnBlackGround() throws IOException {
        Payload grid = WireFormat.PNG.payload(png(filled(i -> 1, 3, 3, 1, 1), ValueRange.UNIT, 2));

        float[] red = Tensors.row(grid.rows("instances", 3, 4, 4), 0);
        assertThat(Arrays.copyOf(red, 16)).containsExactly(1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0);
    }

    @Test
    void moreColumnsThanPicturesLeaveNoEmptyOnes() throws IOException {
        Payload grid = WireFormat.PNG.payload(png(filled(i -> 1, 1, 1, 2, 2), ValueRange.UNIT, 10));

        assertThat(grid.rows("instances", 1, 2, 2).values()).containsOnly(1);
    }

    @Test
    void noColumnIsTooFew() {
        assertProblem(
                Fault.INVALID,
                "columns is 0, at least 1 is needed",
                () -> png(filled(i -> 1, 1, 1, 2, 2), ValueRange.UNIT, 0));
    }

    @Test
    void aGridThatNoFormatCanHoldIsRefused() {
        Tensor tall = filled(i -> 0, 70_000, 1, 1, 1);

        assertProblem(
                Fault.NOT_ACCEPTABLE,
                "a grid of 1 x 70000 pictures has a side of more than 65500 pixels:"
                        + " ask for fewer rows or more columns",
                () -> png(tall, ValueRange.UNIT, 1));
    }

    @Test
    void latentsCannotBeDrawn() {
        assertProblem(
                Fault.NOT_ACCEPTABLE,
                "rows of shape [32] cannot be drawn as image/png, which takes [1, h, w] or [3, h, w]:"
                        + " accept application/json, application/x-npy or application/octet-stream",
                () -> WireFormat.PNG.requireRowShape(32));
    }

    @Test
    void picturesOfTwoChannelsCannotBeDrawn() {
        assertProblem(
                Fault.NOT_ACCEPTABLE,
                "rows of shape [2, 4, 4] cannot be drawn as image/jpeg, which takes [1, h, w] or [3, h, w]:"
                        + " accept application/json, application/x-npy or application/octet-stream",
                () -> WireFormat.JPEG.requireRowShape(2, 4, 4));
    }
}
