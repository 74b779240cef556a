package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.serving.OpenApi.Operation;
import io.github.latentdock.testing.RunningService;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The OpenAPI document tells everything that a client has to know. */
class OpenApiTest extends RunningService {

    private static final List<String> FORMATS =
            List.of("application/octet-stream", "application/x-npy", "image/jpeg", "image/png");

    private OpenApi api = new OpenApi(JsonNodeFactory.instance.objectNode());

    @BeforeEach
    void read() {
        api = OpenApi.of(http);
    }

    @Test
    void itIsOpenApi31() {
        assertThat(api.document().path("openapi").asString()).startsWith("3.1.");
        assertThat(api.document().at("/info/title").asString()).isEqualTo("Latentdock");
    }

    /** Clients are generated from these: they stay as they are. */
    @Test
    void operationIdsStay() {
        assertThat(api.operationIds())
                .containsExactlyInAnyOrder(
                        "listModels",
                        "getModel",
                        "getVersion",
                        "getReconstructions",
                        "getSamples",
                        "publishVersion",
                        "deleteVersion",
                        "setAlias",
                        "deleteAlias",
                        "createTraining",
                        "listTrainings",
                        "getTraining",
                        "cancelTraining",
                        "deleteTraining",
                        "resumeTraining",
                        "watchTraining",
                        "getTrainingMetrics",
                        "getTrainingCurve",
                        "encode",
                        "decode",
                        "reconstruct",
                        "denoise",
                        "sample",
                        "interpolate",
                        "score",
                        "optimize",
                        "encodeWithVersion",
                        "decodeWithVersion",
                        "reconstructWithVersion",
                        "denoiseWithVersion",
                        "sampleWithVersion",
                        "interpolateWithVersion",
                        "scoreWithVersion",
                        "optimizeWithVersion",
                        "listDatasets",
                        "getDataset",
                        "previewDataset",
                        "uploadDataset",
                        "deleteDataset");
    }

    @Test
    void everyOperationIsDescribed() {
        assertThat(api.operations()).allSatisfy(operation -> {
            assertThat(operation.json().path("summary").asString(""))
                    .isNotBlank()
                    .doesNotContain("<");
            assertThat(operation.json().path("description").asString(""))
                    .isNotBlank()
                    .doesNotContain("<");
            assertThat(operation.json().path("tags")).hasSize(1);
        });
    }

    @Test
    void everyTagIsUsed() {
        Set<String> used = Set.copyOf(api.operations().stream()
                .map(operation -> operation.json().path("tags").path(0).asString())
                .toList());
        assertThat(api.document()
                        .path("tags")
                        .valueStream()
                        .map(tag -> tag.path("name").asString()))
                .containsExactlyInAnyOrderElementsOf(used);
    }

    @Test
    void everyTagIsDescribed() {
        Set<String> described = Set.copyOf(api.document()
                .path("tags")
                .valueStream()
                .filter(tag -> !tag.path("description").asString("").isBlank())
                .map(tag -> tag.path("name").asString())
                .toList());
        assertThat(api.operations())
                .allSatisfy(operation -> assertThat(described)
                        .contains(operation.json().path("tags").path(0).asString()));
    }

    @Test
    void everyParameterIsDescribed() {
        assertThat(api.operations().stream()
                        .flatMap(
                                operation -> operation.json().path("parameters").valueStream()))
                .isNotEmpty()
                .allSatisfy(parameter -> {
                    assertThat(parameter.path("description").asString("")).isNotBlank();
                    assertThat(parameter.has("schema")).isTrue();
                });
    }

    @Test
    void everyFieldIsDescribed() {
        assertThat(api.document().at("/components/schemas").properties()).allSatisfy(schema -> {
            assertThat(schema.getValue().path("description").asString(""))
                    .as(schema.getKey())
                    .isNotBlank();
            assertFieldsAreDescribed(schema.getKey(), schema.getValue());
        });
    }

    private static void assertFieldsAreDescribed(String name, JsonNode schema) {
        schema.path("properties").properties().forEach(field -> {
            String path = name + "." + field.getKey();
            assertThat(field.getValue().path("description").asString(""))
                    .as(path)
                    .isNotBlank()
                    .doesNotContain("<", "{@");
            assertFieldsAreDescribed(path, field.getValue());
            assertFieldsAreDescribed(path, field.getValue().path("additionalProperties"));
        });
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        assertThat(references(api.document()))
                .isNotEmpty()
                .allSatisfy(node -> assertThat(api.resolve(node).isObject())
                        .as(node.toString())
                        .isTrue());
    }

    private static Stream<JsonNode> references(JsonNode node) {
        Stream<JsonNode> below = node.valueStream().flatMap(OpenApiTest::references);
        return node.has("$ref") ? Stream.concat(Stream.of(node), below) : below;
    }

    @Test
    void everyFailureIsAProblem() {
        for (Operation operation : api.operations()) {
            assertThat(operation.json().path("responses").propertyNames())
                    .as(operation.id())
                    .contains("500", "503");
            operation.json().path("responses").properties().forEach(response -> {
                if (response.getKey().charAt(0) >= '4') {
                    JsonNode content = api.resolve(response.getValue()).path("content");
                    assertThat(content.at("/application~1problem+json/schema/$ref")
                                    .asString(""))
                            .as("%s %s", operation.id(), response.getKey())
                            .isEqualTo("#/components/schemas/Problem");
                }
            });
        }
    }

    @Test
    void whoShallComeBackIsToldWhen() {
        for (String response : List.of("Overloaded", "Unavailable")) {
            assertThat(api.document()
                            .path("components")
                            .path("responses")
                            .path(response)
                            .path("headers")
                            .has("Retry-After"))
                    .isTrue();
        }
    }

    @Test
    void bodiesThatAreNotJsonAreBinary() {
        for (Operation operation : api.operations()) {
            JsonNode in = operation.json().at("/requestBody/content");
            JsonNode out = operation.json().at("/responses/200/content");
            for (JsonNode content : List.of(in, out)) {
                for (String format : FORMATS) {
                    if (content.has(format)) {
                        JsonNode schema = content.path(format).path("schema");
                        assertThat(schema.path("type").asString()).isEqualTo("string");
                        assertThat(schema.path("format").asString()).isEqualTo("binary");
                    }
                }
            }
        }
    }

    @Test
    void optionsOfBinaryBodiesAreQueryParameters() {
        assertThat(queryParameters("optimize"))
                .containsExactlyInAnyOrder("resize", "loss", "prior", "tolerance", "maxIterations", "starts", "seed");
        assertThat(queryParameters("encodeWithVersion"))
                .containsExactlyInAnyOrder("optimize", "resize", "draw", "seed");
        assertThat(queryParameters("score")).containsExactlyInAnyOrder("resize", "falseAlarmRate");
        assertThat(queryParameters("sample")).isEmpty();
    }

    @Test
    void anOptimisationCanBeAStreamOfEvents() {
        assertThat(api.operation("optimize")
                        .json()
                        .at("/responses/200/content/text~1event-stream/example")
                        .asString(""))
                .contains("event: progress", "event: result");
    }

    @Test
    void answersOfModelsTellTheVersionAndTheTime() {
        for (String id : List.of("encode", "sampleWithVersion")) {
            assertThat(api.operation(id).json().at("/responses/200/headers").propertyNames())
                    .containsExactlyInAnyOrder("X-Model-Version", "Server-Timing");
        }
    }

    @Test
    void seedsAreLongs() {
        for (String schema : List.of("EncodeRequest", "SampleRequest", "SampleResponse", "OptimizeRequest")) {
            assertThat(api.document()
                            .at("/components/schemas/%s/properties/seed/format".formatted(schema))
                            .asString())
                    .isEqualTo("int64");
        }
    }

    @Test
    void aPublishedVersionHasALocation() {
        assertThat(api.operation("publishVersion")
                        .json()
                        .at("/responses/201/headers")
                        .has("Location"))
                .isTrue();
    }

    @Test
    void aPictureOfAVersionNeedNotBeSentTwice() {
        for (String id : List.of("getReconstructions", "getSamples")) {
            JsonNode responses = api.operation(id).json().path("responses");
            assertThat(responses.at("/200/headers").has("ETag")).isTrue();
            assertThat(responses.at("/304").has("content")).isFalse();
        }
    }

    @Test
    void anUploadedDatasetHasALocationWhetherItIsNewOrNot() {
        for (String status : List.of("200", "201")) {
            assertThat(api.operation("uploadDataset")
                            .json()
                            .at("/responses/%s/headers".formatted(status))
                            .has("Location"))
                    .isTrue();
        }
    }

    @Test
    void datasetsAreListedAsDocumented() {
        JsonNode schema = api.operation("listDatasets").json().at("/responses/200/content/application~1json/schema");
        JsonNode listed = http.get("/v1/datasets").json();
        assertThat(listed.path("datasets").path(0).path("rows").isNumber()).isTrue();
        assertThat(api.faults("datasets", listed, schema)).isEmpty();
    }

    @Test
    void modelsAreListedAsDocumented() {
        JsonNode schema = api.operation("listModels").json().at("/responses/200/content/application~1json/schema");
        assertThat(api.faults("models", http.get("/v1/models").json(), schema)).isEmpty();
    }

    @Test
    void problemsAreAsDocumented() {
        JsonNode problem = http.post("/v1/models/fashion-ae/sample", java.util.Map.of("count", 0))
                .json();
        assertThat(problem.path("errors")).hasSize(1);
        assertThat(api.faults("problem", problem, api.document().at("/components/schemas/Problem")))
                .isEmpty();
    }

    private List<String> queryParameters(String id) {
        return api.operation(id)
                .json()
                .path("parameters")
                .valueStream()
                .filter(parameter -> parameter.path("in").asString().equals("query"))
                .map(parameter -> parameter.path("name").asString())
                .toList();
    }
}
