package io.github.latentdock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.storage.FolderStore;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.servlet.autoconfigure.MultipartProperties;

/** Where uploads wait. */
class RegistryConfigurationTest {

    @TempDir
    private Path temp;

    @Test
    void uploadsWaitBesideTheModels() {
        assertThat(location(new FolderStore(temp.resolve("models")), null))
                .isEqualTo(temp.resolve("models/.draft-parts").toString());
    }

    /** A replica that only serves, and takes datasets. */
    @Test
    void uploadsWaitBesideTheDatasetsWhereModelsAreReadOnly() throws IOException {
        try (FileSystem readOnly = readOnly()) {
            assertThat(location(new FolderStore(readOnly.getPath("/models")), null))
                    .isEqualTo(temp.resolve("data/.draft-parts").toString());
        }
    }

    @Test
    void aPropertyThatNamesAnotherPlaceIsObeyed() {
        assertThat(location(new FolderStore(temp.resolve("models")), "/elsewhere"))
                .isEqualTo("/elsewhere");
    }

    private String location(FolderStore models, @Nullable String told) {
        var properties = new MultipartProperties();
        properties.setLocation(told);
        var stores = new StaticListableBeanFactory(
                Map.of("datasetStore", new FolderStore(temp.resolve("data")), "modelStore", models));
        return new RegistryConfiguration()
                .multipartConfig(properties, models, stores.getBeanProvider(FolderStore.class))
                .getLocation();
    }

    /** A zip that is opened to be read, for root may write to any folder of the disk. */
    private FileSystem readOnly() throws IOException {
        Path zip = temp.resolve("read-only.zip");
        FileSystems.newFileSystem(zip, Map.of("create", "true")).close();
        return FileSystems.newFileSystem(zip, Map.of("accessMode", "readOnly"));
    }
}
