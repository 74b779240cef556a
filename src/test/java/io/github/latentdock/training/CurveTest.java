package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.autoencoder.Losses;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CurveTest {

    private static final int BLUE = 0xff1f77b4;
    private static final int ORANGE = 0xffff7f0e;

    /** Above the plot. */
    private static final int LEGEND = 30;

    private static final Losses HELD_OUT = new Losses(4, 3, 1);

    @Test
    void theLegendTellsWhichLineIsWhich() {
        BufferedImage both = draw(epochs(3, HELD_OUT));
        assertThat(columns(both, BLUE, 0, LEGEND).max().orElse(-1))
                .as("training comes first")
                .isPositive()
                .isLessThan(columns(both, ORANGE, 0, LEGEND).min().orElse(-1));

        BufferedImage training = draw(epochs(3, null));
        assertThat(columns(training, BLUE, 0, LEGEND)).isNotEmpty();
        assertThat(columns(training, ORANGE, 0, training.getHeight())).isEmpty();
    }

    @Test
    void theLinesAreBelowTheLegend() {
        BufferedImage picture = draw(epochs(3, HELD_OUT));

        assertThat(columns(picture, BLUE, LEGEND, picture.getHeight()).max().orElse(-1))
                .isGreaterThan(600);
        assertThat(columns(picture, ORANGE, LEGEND, picture.getHeight()).min().orElse(-1))
                .isLessThan(100);
    }

    @Test
    void beforeTheFirstEpochThereIsOnlyTheFrame() {
        BufferedImage picture = draw(List.of());

        assertThat(columns(picture, BLUE, LEGEND, picture.getHeight())).isEmpty();
    }

    private static List<TrainingEpoch> epochs(int count, @Nullable Losses validation) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(epoch -> new TrainingEpoch(
                        epoch, epoch, new Losses(3.0 / epoch, 2, 1), validation, 1, 100, Instant.EPOCH))
                .toList();
    }

    private static BufferedImage draw(List<TrainingEpoch> epochs) {
        try {
            return ImageIO.read(new ByteArrayInputStream(Curve.png(epochs)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those that have a colour in some of the rows. */
    private static IntStream columns(BufferedImage picture, int colour, int from, int to) {
        return IntStream.range(0, picture.getWidth())
                .filter(x -> IntStream.range(from, to).anyMatch(y -> picture.getRGB(x, y) == colour));
    }
}
