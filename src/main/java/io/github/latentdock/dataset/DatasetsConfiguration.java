package io.github.latentdock.dataset;

import io.github.latentdock.storage.FolderStore;
import java.time.Clock;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The folder of datasets. */
@Configuration(proxyBeanMethods = false)
class DatasetsConfiguration {

    /** No upload takes longer between two writes, so nobody is at what is older. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    @Bean
    FolderStore datasetStore(DatasetsProperties properties) {
        var store = new FolderStore(properties.path());
        store.removeLeftovers(Clock.systemUTC().instant().minus(ABANDONED));
        return store;
    }
}
