package io.github.latentdock.inference;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.Map;
import java.util.Objects;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.stereotype.Component;

/** Documents what springdoc cannot see in the signatures of the inference operations. */
@Component
final class InferenceApi implements GlobalOpenApiCustomizer {

    private static final String OF_VERSION = "/versions/{version}/";

    static {
        SpringDocUtils.getConfig().addRequestWrapperToIgnore(LoadedModel.class, Call.class);
    }

    @Override
    public void customise(OpenAPI api) {
        Map<String, Example> examples = ApiExamples.requests();
        api.getPaths().forEach((path, item) -> {
            Operation operation = item.getPost();
            if (path.startsWith("/v1/models/{model}/") && operation != null) {
                String name = path.substring(path.lastIndexOf('/') + 1);
                if (examples.containsKey(name)) {
                    document(operation, name, path.contains(OF_VERSION), examples.get(name));
                }
            }
        });
    }

    /** The same operation stands in the paths with and without a version; each needs an id of its own that stays. */
    private static void document(Operation operation, String name, boolean ofVersion, Example example) {
        operation.setOperationId(ofVersion ? name + "Version" : name);
        operation.addTagsItem(ofVersion ? "inference of a version" : "inference");
        operation.getTags().removeIf(tag -> tag.endsWith("-controller"));
        operation.addParametersItem(path("model", "The model's name", exampleModel(name)));
        if (ofVersion) {
            operation.addParametersItem(path("version", "A version's number or an alias", "1"));
        }
        operation.addParametersItem(new Parameter()
                .in("header")
                .name(InferenceInterceptor.TIMEOUT)
                .description("Milliseconds within which the answer must be there, the wait in the queue included")
                .schema(new IntegerSchema().minimum(java.math.BigDecimal.ONE)));
        operation.getParameters().sort(java.util.Comparator.comparing(InferenceApi::rank));
        MediaType json = operation.getRequestBody().getContent().get("application/json");
        if (json != null) {
            json.addExamples(name, example);
        }
        ApiResponse answer = Objects.requireNonNull(operation.getResponses().get("200"));
        answer.addHeaderObject(
                InferenceArguments.VERSION_HEADER,
                new Header().description("The version that answered").schema(new IntegerSchema()));
        answer.addHeaderObject(
                "Server-Timing",
                new Header()
                        .description("Milliseconds in the queue and on a lane")
                        .schema(new StringSchema().example("queue;dur=0.041, infer;dur=1.730")));
    }

    private static int rank(Parameter parameter) {
        return switch (parameter.getIn()) {
            case "path" -> 0;
            case "query" -> 1;
            default -> 2;
        };
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

    private static String exampleModel(String operation) {
        return switch (operation) {
            case "decode", "interpolate", "sample" -> "fashion-vae";
            case "optimize" -> "fashion-ad";
            default -> "fashion-ae";
        };
    }
}
