package io.github.latentdock.registry;

import io.github.latentdock.storage.FolderStore;
import io.github.latentdock.storage.Leftovers;
import jakarta.servlet.MultipartConfigElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.servlet.autoconfigure.MultipartProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The model repository of the application. */
@Configuration(proxyBeanMethods = false)
class RegistryConfiguration {

    private static final Logger log = LoggerFactory.getLogger(RegistryConfiguration.class);

    /** No upload takes longer between two writes, so nobody is at what is older. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    @Bean
    FolderStore modelStore(ModelsProperties properties) {
        var store = new FolderStore(properties.path());
        store.removeLeftovers(Clock.systemUTC().instant().minus(ABANDONED));
        return store;
    }

    /** Of datasets as well. */
    @Bean
    Leftovers leftovers(ObjectProvider<FolderStore> stores) {
        return new Leftovers(stores.stream().toList(), Clock.systemUTC());
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
        if (repository.scan().models().isEmpty()) {
            Path root = modelStore.local("");
            log.warn(
                    "{} {}, so no model is served; it is looked at every second for <model>/<version>/model.json, and latentdock.models.path names another folder",
                    root,
                    Files.isDirectory(root) ? "has no models" : "does not exist");
        }
        return repository;
    }

    @Bean
    ModelPublisher modelPublisher(FolderStore modelStore, ModelRepository repository, ModelsProperties properties) {
        return new ModelPublisher(modelStore, repository, properties);
    }
}
