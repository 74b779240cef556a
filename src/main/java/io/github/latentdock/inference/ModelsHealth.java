package io.github.latentdock.inference;

import io.github.latentdock.inference.LoadedModels.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Part of readiness: traffic comes when the models that were there at the start are loaded and warm. */
@Component("models")
final class ModelsHealth implements HealthIndicator {

    private static final Logger log = LoggerFactory.getLogger(ModelsHealth.class);

    private final LoadedModels models;

    ModelsHealth(LoadedModels models) {
        this.models = models;
    }

    /** Tells whoever watches the log, once both parts are there: the server takes requests, and the models can answer them. */
    @EventListener
    void tellWhenReady(AvailabilityChangeEvent<ReadinessState> event) {
        if (event.getState() == ReadinessState.ACCEPTING_TRAFFIC) {
            models.whenReady(() -> log.info(
                    "Ready: {} versions loaded, {} cannot be served", models.count(State.READY), models.failed()));
        }
    }

    @Override
    public Health health() {
        return models.isReady() ? Health.up().build() : Health.outOfService().build();
    }
}
