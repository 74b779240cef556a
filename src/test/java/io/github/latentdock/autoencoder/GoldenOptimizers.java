package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Safetensors.Values;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Where PyTorch's optimisers went; made by {@code src/test/python/golden_optimizers.py}. */
record GoldenOptimizers(Map<String, Optimizer> plans, Map<String, Values> arrays) {

    private static final Path FOLDER = Path.of("src/test/resources/golden");

    static GoldenOptimizers read() {
        var plans = new LinkedHashMap<String, Optimizer>();
        for (JsonNode plan : JsonMapper.shared().readTree(FOLDER.resolve("optimizers.json"))) {
            plans.put(plan.get("name").asString(), JsonMapper.shared().convertValue(plan, Optimizer.class));
        }
        var arrays = new LinkedHashMap<String, Values>();
        try (var file = Safetensors.open(FOLDER.resolve("optimizers.safetensors"))) {
            file.shapes().forEach((key, shape) -> arrays.put(key, new Values(shape, file.floats(key))));
        }
        return new GoldenOptimizers(plans, arrays);
    }

    Optimizer plan(String name) {
        return Objects.requireNonNull(plans.get(name), name);
    }

    Values array(String key) {
        return Objects.requireNonNull(arrays.get(key), key);
    }
}
