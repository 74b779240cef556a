package io.github.latentdock.serving;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.client.model.Dataset;
import io.github.latentdock.testing.Pictures;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.client.HttpClientErrorException;

/** All operations on datasets. */
class GeneratedClientDatasetsTest extends GeneratedClient {

    private static final String SHIPPED = "fashion-mnist-sample";

    /** Uploaded and deleted here, so that the shared dataset stays as it is. */
    private static final String OWN = "generated-client";

    @TempDir
    private static Path temp;

    @Test
    @Calls({"listDatasets", "getDataset", "previewDataset"})
    void showsDatasets() {
        Dataset listed = datasets.listDatasets().getDatasets().stream()
                .filter(dataset -> dataset.getName().equals(SHIPPED))
                .findFirst()
                .orElseThrow();
        assertThat(listed).isEqualTo(datasets.getDataset(listed.getId()));
        assertThat(listed.getRows()).isEqualTo(1000);
        assertThat(listed.getShape()).containsExactly(1, 28, 28);
        assertThat(listed.getElementType()).isEqualTo(Dataset.ElementTypeEnum.UINT8);
        assertThat(listed.getRange()).containsExactly(0f, 1f);
        assertThat(requireNonNull(listed.getLabels()).getDistinct()).isEqualTo(10);

        byte[] preview = datasets.previewDatasetWithResponseSpec(SHIPPED).body(byte[].class);

        BufferedImage grid = Pictures.image(requireNonNull(preview));
        // Eight pictures of 28 pixels and seven gaps of 2.
        assertThat(grid.getWidth()).isEqualTo(8 * 28 + 7 * 2);
    }

    @Test
    @Calls({"uploadDataset", "getDataset", "deleteDataset"})
    void uploadsAndDeletesDatasets() throws IOException {
        File file = Files.writeString(temp.resolve("x.csv"), "1,2,\n3,4,5\n").toFile();
        File labels =
                Files.writeString(temp.resolve("labels.csv"), "dry\nwet\n").toFile();

        Dataset uploaded = datasets.uploadDataset(file, OWN, "csv", null, false, labels, null, "nan", null);

        assertThat(uploaded.getHasMask()).isTrue();
        assertThat(uploaded.getStatistics().getMean()).isEqualTo(3);
        assertThat(requireNonNull(uploaded.getLabels()).getNames()).containsExactly("dry", "wet");
        assertThat(datasets.getDataset(OWN)).isEqualTo(uploaded);
        datasets.deleteDataset(OWN);
        HttpClientErrorException gone =
                catchThrowableOfType(HttpClientErrorException.class, () -> datasets.getDataset(OWN));
        assertThat(gone.getStatusCode().value()).isEqualTo(404);
    }
}
