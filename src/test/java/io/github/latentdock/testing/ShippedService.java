package io.github.latentdock.testing;

import java.nio.file.Path;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The whole service with copies of what is shipped in {@code models/} and {@code data/}. It ends with the class that extends this. */
@DirtiesContext
public abstract class ShippedService extends WholeService {

    private static final Path MODELS = copy("models");

    private static final Path DATASETS = copy("data");

    @DynamicPropertySource
    static void folders(DynamicPropertyRegistry registry) {
        register(registry, MODELS, DATASETS);
    }
}
