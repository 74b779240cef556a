package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.registry.Manifest;
import java.util.List;
import java.util.Map;

/**
 * What a finished training says of the version it made; the rest of the manifest is known here.
 *
 * @param network as a manifest declares it
 * @param metrics the manifest's
 * @param provenance what only the loop knows of how it was made, such as the versions of its engine
 */
record Outcome(
        Kind kind,
        Manifest.Input input,
        Manifest.Latent latent,
        Map<String, List<Map<String, Object>>> network,
        Map<String, Object> metrics,
        Map<String, Object> provenance) {}
