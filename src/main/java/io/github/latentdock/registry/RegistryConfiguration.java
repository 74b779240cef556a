package io.github.latentdock.registry;

import io.github.latentdock.storage.FolderStore;
import jakarta.servlet.MultipartConfigElement;
import java.time.Clock;
import java.time.Duration;
import org.springframework.boot.servlet.autoconfigure.MultipartProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
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

    /**
     * The parts of an upload wait beside the models until they are looked at, unless a property says where else: the usual place
     * for temporary files may be small, read-only or in memory. What a killed process leaves there is a leftover like any other.
     */
    @Bean
    MultipartConfigElement multipartConfig(MultipartProperties multipart, FolderStore modelStore) {
        if (multipart.getLocation() == null) {
            multipart.setLocation(modelStore.scratch().toString());
        }
        return multipart.createMultipartConfig();
    }

    @Bean
    static WebServerFactoryCustomizer<TomcatServletWebServerFactory> uploadTargets() {
        return factory -> factory.addContextCustomizers(context -> context.setCreateUploadTargets(true));
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
