package io.github.latentdock.autoencoder;

import io.github.latentdock.testing.References;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** The references, loaded for a test. */
final class Models {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private record Manifest(Kind kind, Shaped input, Shaped latent, Map<String, List<Map<String, Object>>> network) {}

    @SuppressWarnings("ArrayRecordComponent")
    private record Shaped(int[] shape) {}

    private Models() {}

    static Network network(String name) {
        Manifest manifest = JSON.readValue(folder(name).resolve("model.json"), Manifest.class);
        return Network.parse(
                manifest.network(),
                manifest.kind(),
                manifest.input().shape(),
                manifest.latent().shape());
    }

    static DeclaredAutoencoder load(String name) {
        try (var weights = Safetensors.open(folder(name).resolve("weights.safetensors"))) {
            return DeclaredAutoencoder.load(network(name), weights);
        }
    }

    /** A declaration in JSON. */
    static Map<String, List<Map<String, Object>>> declaration(String json) {
        return JSON.readValue(json, new TypeReference<>() {});
    }

    private static Path folder(String name) {
        return References.version(name);
    }
}
