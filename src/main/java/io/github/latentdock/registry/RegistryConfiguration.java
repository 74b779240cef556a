package io.github.latentdock.registry;

import io.github.latentdock.storage.FolderStore;
import java.time.Clock;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The model repository of the application. */
@Configuration(proxyBeanMethods = false)
class RegistryConfiguration {

    /** No upload takes longer between two writes, so nobody is at what is older. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    @Bean
    FolderStore modelStore(ModelsProperties properties) {
        var store = new FolderStore(properties.path());
        store.removeLeftovers(Clock.systemUTC().instant().minus(ABANDONED));
        return store;
    }

    @Bean
    ModelRepository modelRepository(FolderStore modelStore, ModelsProperties properties) {
        var repository = new ModelRepository(modelStore, properties);
        repository.scan();
        return repository;
    }

    @Bean
    ModelPublisher modelPublisher(FolderStore modelStore, ModelRepository repository, ModelsProperties properties) {
        return new ModelPublisher(modelStore, repository, properties);
    }
}
