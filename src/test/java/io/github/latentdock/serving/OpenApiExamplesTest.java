package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.serving.OpenApi.Operation;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is told by example in the OpenAPI document works when it is pasted. */
class OpenApiExamplesTest extends RunningService {

    private static final String JSON = "application~1json";

    /** The shapes of what the examples are answered with. */
    private static final Map<String, Map<String, List<Integer>>> SHAPES = Map.of(
            "encode", Map.of("latents", List.of(1, 32)),
            "decode", Map.of("instances", List.of(1, 1, 28, 28)),
            "reconstruct", Map.of("instances", List.of(1, 1, 28, 28), "errors", List.of(1)),
            "denoise", Map.of("instances", List.of(1, 1, 28, 28)),
            "sample", Map.of("instances", List.of(4, 1, 28, 28), "latents", List.of(4, 16)),
            "interpolate", Map.of("instances", List.of(1, 5, 1, 28, 28), "latents", List.of(1, 5, 16)),
            "score", Map.of("scores", List.of(1)),
            "optimize", Map.of("instances", List.of(1, 1, 28, 28), "latents", List.of(1, 32)),
            "setAlias", Map.of(),
            "createTraining", Map.of());

    @TestFactory
    List<DynamicTest> everyRequestIsAnsweredAsDocumented() {
        OpenApi api = OpenApi.of(http);
        var tests = new ArrayList<DynamicTest>();
        for (Operation operation : api.operations()) {
            operation
                    .json()
                    .at("/requestBody/content/%s/examples".formatted(JSON))
                    .forEach(example -> tests.add(DynamicTest.dynamicTest(
                            operation.id(), () -> check(api, operation, example.path("value")))));
        }
        assertThat(tests).as("8 operations twice, setAlias and createTraining").hasSize(18);
        return tests;
    }

    private void check(OpenApi api, Operation operation, JsonNode body) {
        try {
            Answer answer = http.send(operation.method(), operation.examplePath(), body);
            int status = operation.json().path("responses").has("202") ? 202 : 200;
            assertThat(answer.status()).as(answer.text()).isEqualTo(status);
            JsonNode documented = operation.json().at("/responses/%d/content/%s".formatted(status, JSON));
            assertThat(api.faults("answer", answer.json(), documented.path("schema")))
                    .isEmpty();
            assertShapes(operation.id().replace("WithVersion", ""), answer.json());
            documented.path("examples").forEach(example -> assertAlike(answer.json(), example.path("value")));
        } finally {
            if (operation.id().equals("setAlias")) {
                http.delete(operation.examplePath());
            }
            if (operation.id().equals("createTraining")) {
                forgetTraining(body.path("model").asString());
            }
        }
    }

    private void forgetTraining(String model) {
        Waiting.until(
                "it is trained",
                () -> http.delete("/v1/models/%s/aliases/canary".formatted(model))
                                .status()
                        == 204);
        assertThat(http.delete("/v1/models/%s/versions/1".formatted(model)).status())
                .isEqualTo(204);
    }

    private static void assertShapes(String operation, JsonNode answer) {
        Map<String, List<Integer>> shapes = SHAPES.get(operation);
        assertThat(shapes).as(operation).isNotNull();
        shapes.forEach((field, shape) ->
                assertThat(shape(answer.path(field))).as(field).isEqualTo(shape));
        if (shapes.containsKey("instances")) {
            assertThat(numbers(answer.path("instances")))
                    .allSatisfy(pixel -> assertThat(pixel).isBetween(0.0, 1.0));
        }
    }

    /** Which numbers are answered depends on the models. */
    private static void assertAlike(JsonNode answer, JsonNode example) {
        assertThat(answer.propertyNames()).containsExactlyInAnyOrderElementsOf(example.propertyNames());
        example.properties()
                .forEach(field -> assertThat(shape(answer.path(field.getKey())))
                        .as(field.getKey())
                        .isEqualTo(shape(field.getValue())));
    }

    @Test
    void aReconstructionOfTheShirtIsLikeIt() {
        Answer answer = post("reconstruct", example("reconstruct"));
        assertThat(answer.json().path("errors").path(0).asDouble()).isBetween(0.001, 0.05);
    }

    @Test
    void theSampleIsTheSameEachTime() {
        assertThat(post("sample", example("sample")).json())
                .isEqualTo(post("sample", example("sample")).json());
    }

    @Test
    void theInterpolationEndsWhereItShall() {
        JsonNode body = example("interpolate");
        JsonNode latents = post("interpolate", body).json().path("latents").path(0);
        assertThat(numbers(latents.path(0))).isEqualTo(numbers(body.path("from").path(0)));
        assertThat(numbers(latents.path(2))).containsOnly(0.0);
        assertThat(numbers(latents.path(4))).isEqualTo(numbers(body.path("to").path(0)));
    }

    /** Half of 784 pixels, white and black, cost hundreds when nothing fits. */
    @Test
    void theOptimisationFitsTheHalfThatIsKnown() {
        JsonNode answer = post("optimize", example("optimize")).json();
        assertThat(answer.path("objectives").path(0).asDouble()).isBetween(1.0, 20.0);
        assertThat(answer.path("converged").path(0).asBoolean()).isTrue();
    }

    /**
     * Every bound of a number in a JSON body is where the document says it is. The greatest numbers are a lot of work, so the
     * deadline may pass: they were taken nevertheless.
     */
    @TestFactory
    List<DynamicTest> boundsHold() {
        OpenApi api = OpenApi.of(http);
        var tests = new ArrayList<DynamicTest>();
        for (String id : List.of("sample", "interpolate", "score", "optimize")) {
            JsonNode schema = api.operation(id).json().at("/requestBody/content/%s/schema".formatted(JSON));
            api.resolve(schema).path("properties").properties().forEach(field -> {
                tests.addAll(bound(id, field, "minimum", 0, List.of(200)));
                tests.addAll(bound(id, field, "minimum", -1, List.of(422)));
                tests.addAll(bound(id, field, "maximum", 0, List.of(200, 504)));
                tests.addAll(bound(id, field, "maximum", 1, List.of(422)));
                tests.addAll(bound(id, field, "exclusiveMinimum", 0, List.of(422)));
                tests.addAll(bound(id, field, "exclusiveMaximum", 0, List.of(422)));
            });
        }
        assertThat(tests)
                .as("of steps, maxIterations, prior, tolerance, starts, count, temperature, falseAlarmRate")
                .hasSize(30);
        return tests;
    }

    /** One test if the field has the bound, else none. */
    private List<DynamicTest> bound(
            String id, Map.Entry<String, JsonNode> field, String bound, int beyond, List<Integer> statuses) {
        JsonNode schema = field.getValue();
        if (!schema.has(bound)) {
            return List.of();
        }
        double value = schema.path(bound).asDouble() + beyond;
        ObjectNode body = (ObjectNode) example(id).deepCopy();
        if (schema.path("type").asString().equals("integer")) {
            body.put(field.getKey(), (long) value);
        } else {
            body.put(field.getKey(), value);
        }
        return List.of(DynamicTest.dynamicTest("%s with %s %s".formatted(id, field.getKey(), value), () -> {
            Answer answer = http.post(
                    OpenApi.of(http).operation(id).examplePath(),
                    "application/json",
                    body.toString().getBytes(StandardCharsets.UTF_8),
                    "X-Timeout-Ms",
                    "3000");
            assertThat(answer.status()).isIn(statuses);
        }));
    }

    private JsonNode example(String operation) {
        return OpenApi.of(http)
                .operation(operation)
                .json()
                .at("/requestBody/content/%s/examples/%s/value".formatted(JSON, operation));
    }

    private Answer post(String operation, JsonNode body) {
        return http.post(OpenApi.of(http).operation(operation).examplePath(), body);
    }

    private static List<Integer> shape(JsonNode array) {
        var shape = new ArrayList<Integer>();
        for (JsonNode node = array; node.isArray(); node = node.path(0)) {
            shape.add(node.size());
        }
        return shape;
    }

    private static List<Double> numbers(JsonNode node) {
        if (node.isNumber()) {
            return List.of(node.asDouble());
        }
        return node.valueStream().flatMap(child -> numbers(child).stream()).toList();
    }
}
