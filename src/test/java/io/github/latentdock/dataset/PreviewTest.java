package io.github.latentdock.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Pictures;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewTest {

    private static final int WHITE = 0xffffff;
    private static final int BLUE = 0x0072b2;
    private static final int LIGHT_BLUE = 0x56b4e9;
    private static final int ORANGE = 0xd55e00;

    @TempDir
    Path root = Path.of("");

    private Store store = Store.at(root);

    @BeforeEach
    void open() {
        store = Store.at(root);
    }

    @Test
    void picturesAreShownInAGridOfEight() {
        byte[] bytes = new byte[70 * 4];
        java.util.Arrays.fill(bytes, 9 * 4, 10 * 4, (byte) 200);

        BufferedImage preview = preview(store.add("pictures", Uploads.idx(bytes, 70, 2, 2)));

        // 8 x 8 pictures of 2 pixels with gaps of 2; the tenth is in the second line.
        assertThat(preview.getWidth()).isEqualTo(30);
        assertThat(preview.getHeight()).isEqualTo(30);
        assertThat(preview.getRaster().getSample(4, 4, 0)).isEqualTo(200);
        assertThat(preview.getRaster().getSample(0, 4, 0)).isZero();
    }

    @Test
    void fewPicturesAreShownInALine() {
        BufferedImage preview = preview(store.add("colours", Uploads.npyBytes(new byte[2 * 3 * 4 * 5], 2, 3, 4, 5)));

        assertThat(preview.getWidth()).isEqualTo(12);
        assertThat(preview.getHeight()).isEqualTo(4);
        assertThat(preview.getRaster().getNumBands()).isEqualTo(3);
    }

    /** The first row rises from the least to the greatest, the second stays at the middle. */
    @Test
    void otherRowsAreLines() {
        BufferedImage preview = preview(store.add("rows", Uploads.npy(new float[] {-10, 0, 10, 0, 0, 0}, 2, 3)));

        assertThat(preview.getWidth()).isEqualTo(640);
        assertThat(preview.getHeight()).isEqualTo(240);
        assertThat(preview.getRGB(8, 231) & WHITE).isEqualTo(BLUE);
        assertThat(preview.getRGB(631, 8) & WHITE).isEqualTo(BLUE);
        assertThat(preview.getRGB(200, 119) & WHITE).isEqualTo(ORANGE);
        assertThat(preview.getRGB(0, 0) & WHITE).isEqualTo(WHITE);
    }

    @Test
    void rowsOfOneValueAreLinesToo() {
        BufferedImage preview = preview(store.add("one", Uploads.npy(new float[] {5}, 1, 1)));

        assertThat(preview.getWidth()).isEqualTo(640);
    }

    @Test
    void missingPixelsOfGreyPicturesAreHatchedInBlues() {
        Dataset dataset = store.add(
                        "holes",
                        Options.NONE,
                        Map.of(
                                "file",
                                Uploads.idx(new byte[] {0, 0, 0, 0, 100, 100, 100, 100}, 2, 1, 4),
                                "mask",
                                Uploads.idx(new byte[] {1, 0, 0, 0, 1, 1, 1, 1}, 2, 1, 4)))
                .dataset();

        BufferedImage preview = preview(dataset);

        // What was observed keeps its grey, 0 included.
        assertThat(colours(preview, 0, 4)).containsExactly(0, BLUE, LIGHT_BLUE, LIGHT_BLUE);
        assertThat(colours(preview, 6, 4)).containsExactly(0x646464, 0x646464, 0x646464, 0x646464);
    }

    @Test
    void aPixelOfWhichOneChannelIsMissingIsHatched() {
        float[] values = new float[] {0, 1, 0, Float.NaN, 0, 1};
        Dataset dataset = store.add(
                        "colours", new Options(null, true, null, null), Map.of("file", Uploads.npy(values, 1, 3, 1, 2)))
                .dataset();

        assertThat(colours(preview(dataset), 0, 2)).containsExactly(0, BLUE);
    }

    /** A row whose middle fifth is missing, and one of a single value: with its neighbours missing it is a dash. */
    @Test
    void missingValuesAreGapsInLines() {
        float nan = Float.NaN;
        Dataset dataset = store.add(
                        "gaps",
                        new Options(null, true, null, null),
                        Map.of("file", Uploads.npy(new float[] {1, 1, nan, 1, 1, nan, nan, 0, nan, nan}, 2, 5)))
                .dataset();

        BufferedImage preview = preview(dataset);

        // Values lie at 8, 163.75, 319.5, 475.25 and 631; 1 is at the top and 0 at the bottom.
        assertThat(drawn(preview, 8)).containsExactlyElementsOf(range(8, 165, 474, 631));
        assertThat(drawn(preview, 231)).containsExactlyElementsOf(range(318, 321));
    }

    private static List<Integer> drawn(BufferedImage preview, int y) {
        return IntStream.range(0, preview.getWidth())
                .filter(x -> (preview.getRGB(x, y) & WHITE) != WHITE)
                .boxed()
                .toList();
    }

    /** From the first to the second, both included, and so on. */
    private static List<Integer> range(int... ends) {
        return IntStream.range(0, ends.length / 2)
                .flatMap(i -> IntStream.rangeClosed(ends[2 * i], ends[2 * i + 1]))
                .boxed()
                .toList();
    }

    private static int[] colours(BufferedImage preview, int from, int count) {
        return IntStream.range(from, from + count)
                .map(x -> preview.getRGB(x, 0) & WHITE)
                .toArray();
    }

    private BufferedImage preview(Dataset dataset) {
        try (DatasetReader reader = store.datasets().open(dataset)) {
            return Pictures.image(Preview.of(dataset, reader));
        }
    }
}
