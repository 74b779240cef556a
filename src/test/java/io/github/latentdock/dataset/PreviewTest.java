package io.github.latentdock.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Pictures;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewTest {

    private static final int WHITE = 0xffffff;
    private static final int BLUE = 0x0072b2;
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

    private BufferedImage preview(Dataset dataset) {
        try (DatasetReader reader = store.datasets().open(dataset)) {
            return Pictures.image(Preview.of(dataset, reader));
        }
    }
}
