package io.github.latentdock.dataset;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;
import org.springframework.util.unit.DataSize;

/**
 * Where datasets are kept and what may be uploaded.
 *
 * @param path the root of the datasets
 * @param maxUploadSize the most that the files of one upload may have together
 * @param maxSize the most that the values of one dataset may take when they are unpacked
 * @param maxRows the most examples that a dataset may have
 * @param maxValues the most numbers that one example may have
 */
@ConfigurationProperties("latentdock.datasets")
record DatasetsProperties(
        @DefaultValue("data") Path path,
        @DefaultValue("2GB") DataSize maxUploadSize,
        @DefaultValue("8GB") DataSize maxSize,
        @DefaultValue("10000000") int maxRows,
        @DefaultValue("1048576") int maxValues) {

    /** A row of them is held as doubles while it is read, and as many of a mask. */
    private static final int MOST_VALUES = 1 << 24;

    DatasetsProperties {
        Assert.isTrue(maxUploadSize.toBytes() > 0, "latentdock.datasets.max-upload-size must be more than nothing");
        Assert.isTrue(maxSize.toBytes() > 0, "latentdock.datasets.max-size must be more than nothing");
        Assert.isTrue(maxRows > 0, "latentdock.datasets.max-rows must be at least 1");
        Assert.isTrue(
                maxValues > 0 && maxValues <= MOST_VALUES,
                "latentdock.datasets.max-values must be from 1 to 16777216: a row is held in memory");
    }
}
