package io.github.latentdock.training;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/** Leaves out Spring Boot's database where there are no trainings: a replica that only serves needs none. */
final class DatabaseFilter implements AutoConfigurationImportFilter, EnvironmentAware {

    private boolean enabled = true;

    @Override
    public void setEnvironment(Environment environment) {
        enabled = environment.getProperty("latentdock.training.enabled", Boolean.class, true);
    }

    @Override
    public boolean[] match(@Nullable String[] classes, AutoConfigurationMetadata metadata) {
        boolean[] matches = new boolean[classes.length];
        for (int i = 0; i < classes.length; i++) {
            String name = classes[i];
            matches[i] = enabled
                    || name == null
                    || !name.startsWith("org.springframework.boot.jdbc.")
                            && !name.startsWith("org.springframework.boot.flyway.");
        }
        return matches;
    }
}
