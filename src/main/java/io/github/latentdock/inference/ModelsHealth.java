package io.github.latentdock.inference;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Part of readiness: traffic comes when the models that were there at the start are loaded and warm. */
@Component("models")
final class ModelsHealth implements HealthIndicator {

    private final LoadedModels models;

    ModelsHealth(LoadedModels models) {
        this.models = models;
    }

    @Override
    public Health health() {
        return models.isReady() ? Health.up().build() : Health.outOfService().build();
    }
}
