package io.github.latentdock.training;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Plans for {@link LeastSquares}. */
final class Plans {

    static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(PlanReader.module())
            .build();

    private Plans() {}

    static Map<String, Object> json(Map<String, Object> more) {
        var json = new LinkedHashMap<String, Object>();
        json.put("model", "lines");
        json.put("dataset", LeastSquares.DATASET);
        json.put("objective", Map.of("type", "ad"));
        json.put("network", Map.of("steps", 20));
        json.put("optimizer", Map.of("learningRate", 0.01));
        json.put("epochs", 3);
        json.put("seed", 7);
        json.putAll(more);
        return json;
    }

    static Plan plan(Map<String, Object> more) {
        PlanRequest request = JSON.convertValue(json(more), PlanRequest.class);
        if (!request.faults().isEmpty()) {
            throw new AssertionError(request.faults());
        }
        return request.plan();
    }

    static Plan plan() {
        return plan(Map.of());
    }
}
