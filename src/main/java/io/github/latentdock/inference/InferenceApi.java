package io.github.latentdock.inference;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.stereotype.Component;

/** Documents what springdoc cannot see in the signatures of the inference operations. */
@Component
final class InferenceApi implements GlobalOpenApiCustomizer {

    private static final String JSON = "application/json";
    private static final String EVENTS = "text/event-stream";

    private static final Map<String, String> QUERY = Map.of(
            "optimize",
            "Whether latents are searched for where the model has no encoder",
            "resize",
            "Whether a picture of another size or colour than the model's input is scaled and converted,"
                    + " instead of being refused");

    static {
        SpringDocUtils.getConfig().addRequestWrapperToIgnore(LoadedModel.class, Call.class);
    }

    private final InferenceProperties properties;

    InferenceApi(InferenceProperties properties) {
        this.properties = properties;
    }

    @Override
    public void customise(OpenAPI api) {
        Map<String, Schema> schemas = api.getComponents().getSchemas();
        // An annotation cannot tell a bound of 0 from none.
        field(schemas, "ScoreRequest", "falseAlarmRate").setExclusiveMinimumValue(BigDecimal.ZERO);
        bound(schemas, "SampleRequest", "count", properties.maxRows());
        bound(schemas, "InterpolateRequest", "steps", properties.maxRows());
        bound(schemas, "OptimizeRequest", "maxIterations", properties.maxIterations());
        bound(schemas, "OptimizeRequest", "starts", properties.maxStarts());
        api.getPaths().forEach((path, item) -> {
            String name = path.substring(path.lastIndexOf('/') + 1);
            ApiExamples.Pair examples = ApiExamples.BY_OPERATION.get(name);
            if (examples != null && item.getPost() != null) {
                document(item.getPost(), name, path.contains("/{version}/"), examples, schemas);
            }
        });
        removeUnusedTags(api);
    }

    /** Those that springdoc made of classes whose operations were given other tags. */
    private static void removeUnusedTags(OpenAPI api) {
        Set<String> used = api.getPaths().values().stream()
                .flatMap(item -> item.readOperations().stream())
                .flatMap(operation -> operation.getTags().stream())
                .collect(Collectors.toSet());
        api.getTags().removeIf(tag -> !used.contains(tag.getName()));
    }

    /** The same operation stands in the paths with and without a version; each needs an id of its own that stays. */
    private void document(
            Operation operation,
            String name,
            boolean withVersion,
            ApiExamples.Pair examples,
            Map<String, Schema> schemas) {
        operation.setOperationId(withVersion ? name + "WithVersion" : name);
        operation.setTags(List.of(withVersion ? "inference with a version" : "inference"));
        Content body = operation.getRequestBody().getContent();
        Content answer =
                Objects.requireNonNull(operation.getResponses().get("200")).getContent();
        var parameters = new ArrayList<Parameter>();
        parameters.add(path("model", "The model's name", examples.model()));
        if (withVersion) {
            parameters.add(path("version", "A version's number, or an alias", "1"));
        }
        if (operation.getParameters() != null) {
            operation.getParameters().forEach(query -> parameters.add(query.description(QUERY.get(query.getName()))));
        }
        if (body.size() > 1) {
            parameters.addAll(options(Objects.requireNonNull(schemas.get(nameOfSchema(body)))));
        }
        parameters.add(new Parameter()
                .in("header")
                .name(InferenceInterceptor.TIMEOUT)
                .description("Milliseconds within which the answer must be there, the wait in the queue included")
                .schema(new IntegerSchema()
                        .minimum(BigDecimal.ONE)
                        .maximum(BigDecimal.valueOf(properties.maxTimeout().toMillis()))
                        ._default(properties.timeout().toMillis())));
        operation.setParameters(parameters);
        body.replaceAll((type, json) -> type.equals(JSON) ? json : new MediaType().schema(BinaryBodies.in(type)));
        answer.replaceAll((type, json) -> type.equals(JSON) ? json : new MediaType().schema(BinaryBodies.out(type)));
        if (name.equals("optimize")) {
            answer.addMediaType(EVENTS, events());
        }
        Objects.requireNonNull(body.get(JSON)).addExamples(name, examples.request());
        Example response = examples.response();
        if (response != null) {
            Objects.requireNonNull(answer.get(JSON)).addExamples(name, response);
        }
    }

    /** What {@link TensorRequestConverter} reads from the query when the body holds nothing but rows, by name. */
    private static List<Parameter> options(Schema<?> request) {
        var options = new ArrayList<Parameter>();
        Map<String, Schema> fields = request.getProperties();
        new TreeMap<>(fields).forEach((field, schema) -> {
            if (!schema.getTypes().contains("array")) {
                options.add(new Parameter()
                        .in("query")
                        .name(field)
                        .description("The field %s of the JSON body, where the body is not JSON".formatted(field))
                        .schema(withoutDescription(schema)));
            }
        });
        return options;
    }

    private static Schema<?> withoutDescription(Schema<?> field) {
        var schema = new JsonSchema();
        schema.setTypes(field.getTypes());
        schema.format(field.getFormat());
        schema.setEnum(field.getEnum() == null ? null : List.copyOf(field.getEnum()));
        if (field.getDefault() != null) {
            schema.setDefault(field.getDefault());
        }
        schema.setMinimum(field.getMinimum());
        schema.setMaximum(field.getMaximum());
        schema.setExclusiveMinimumValue(field.getExclusiveMinimumValue());
        schema.setExclusiveMaximumValue(field.getExclusiveMaximumValue());
        return schema;
    }

    private static String nameOfSchema(Content content) {
        String ref = Objects.requireNonNull(content.get(JSON)).getSchema().get$ref();
        return ref.substring(ref.lastIndexOf('/') + 1);
    }

    private static void bound(Map<String, Schema> schemas, String request, String field, long most) {
        field(schemas, request, field).setMaximum(BigDecimal.valueOf(most));
    }

    private static Schema<?> field(Map<String, Schema> schemas, String request, String field) {
        Map<String, Schema> fields =
                Objects.requireNonNull(schemas.get(request)).getProperties();
        return Objects.requireNonNull(fields.get(field));
    }

    private static MediaType events() {
        return new MediaType()
                .schema(new StringSchema()
                        .description(
                                "Server-sent events: `progress` with the iteration and the lowest objective of each instance"
                                        + " so far, then `result` with what the JSON answer holds, or `problem`"))
                .example("""
                        event: progress
                        data: {"iteration":3,"objectives":[61.25]}

                        event: result
                        data: {"latents":[…],"instances":[…],"objectives":[38.5],"iterations":[27],"converged":[true]}

                        """);
    }

    private static Parameter path(String name, String description, String example) {
        return new Parameter()
                .in("path")
                .name(name)
                .required(true)
                .description(description)
                .schema(new StringSchema())
                .example(example);
    }
}
