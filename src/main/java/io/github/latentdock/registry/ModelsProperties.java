package io.github.latentdock.registry;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;
import org.springframework.util.unit.DataSize;

/**
 * Where models are kept and what may be uploaded.
 *
 * @param path the root of the model repository
 * @param maxUploadSize the most that the files of one version may have together
 * @param maxManifestSize the most that one model.json may have
 * @param allowTorchscriptUpload whether TorchScript, which is code, is taken over HTTP
 */
@ConfigurationProperties("latentdock.models")
public record ModelsProperties(
        @DefaultValue("models") Path path,
        @DefaultValue("2GB") DataSize maxUploadSize,
        @DefaultValue("1MB") DataSize maxManifestSize,
        @DefaultValue("false") boolean allowTorchscriptUpload) {

    private static final DataSize MOST_IN_MEMORY = DataSize.ofMegabytes(64);

    public ModelsProperties {
        Assert.isTrue(maxUploadSize.toBytes() > 0, "latentdock.models.max-upload-size must be more than nothing");
        Assert.isTrue(
                maxManifestSize.toBytes() > 0 && maxManifestSize.compareTo(MOST_IN_MEMORY) <= 0,
                "latentdock.models.max-manifest-size must be from 1B to 64MB: a manifest is read into memory");
    }
}
