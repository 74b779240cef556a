package io.github.latentdock.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is only just possible. */
class ExtremesTest {

    @TempDir
    Path root = Path.of("");

    private Store store = Store.at(root);

    @BeforeEach
    void open() {
        store = Store.at(root);
    }

    @Test
    void labelsAtTheEndsOfInt32() {
        Dataset dataset = store.add(
                        "ends",
                        Options.NONE,
                        Map.of(
                                "file",
                                Uploads.npy(new float[] {1, 2}, 2, 1),
                                "labels",
                                Uploads.npy("<i4", Uploads.ints(Integer.MIN_VALUE, Integer.MAX_VALUE), 2)))
                .dataset();

        assertThat(store.labels(dataset)).containsExactly(Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    @Test
    void whateverAMaskHidesIsNotLookedAt() {
        float[] values = {1, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN};
        Dataset dataset = store.add(
                        "hidden",
                        Options.NONE,
                        Map.of(
                                "file",
                                Uploads.npy(values, 1, 4),
                                "mask",
                                Uploads.npyBytes(new byte[] {1, 0, 0, 0}, 1, 4)))
                .dataset();

        assertThat(store.values(dataset)).containsExactly(1, 0, 0, 0);
        assertThat(store.mask(dataset)).containsExactly(1, 0, 0, 0);
    }

    @Test
    void gzipOfSeveralMembersIsOneFile() {
        byte[] file = Uploads.idx(new byte[] {1, 2, 3, 4}, 2, 1, 2);
        var members = new ByteArrayOutputStream();
        for (byte each : file) {
            members.writeBytes(Uploads.gzip(new byte[] {each}));
        }

        assertThat(store.add("members", members.toByteArray()).rows()).isEqualTo(2);
    }
}
