package io.github.latentdock;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.servers.Server;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The OpenAPI document: what all operations have in common. */
@Configuration(proxyBeanMethods = false)
class ApiDocumentation {

    static {
        SpringDocUtils.getConfig()
                .replaceWithSchema(Payload.class, tensor("Nested lists of numbers; the outer one counts rows"))
                .replaceWithSchema(Tensor.class, tensor("Nested lists of numbers; the outer one counts rows"));
    }

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info()
                        .title("Latentdock")
                        .version("v1")
                        .description("Encode, decode, denoise, sample and optimise latents with trained autoencoders.")
                        .license(new License().name("Apache-2.0").identifier("Apache-2.0")))
                .servers(List.of(new Server().url("/")))
                .components(new Components().addSchemas("Problem", problem()));
    }

    /** Every operation can fail, and each failure looks the same. */
    @Bean
    GlobalOpenApiCustomizer problems() {
        Map<String, String> always = ordered(
                "400", "The request cannot be read (" + Fault.MALFORMED.type() + ")",
                "404", "No such model, version or alias (" + Fault.NOT_FOUND.type() + ")",
                "503",
                        "Not ready, or shutting down; Retry-After tells when to come back (" + Fault.UNAVAILABLE.type()
                                + ")");
        Map<String, String> withBody = ordered(
                "406", "None of the accepted content types can hold the answer (" + Fault.NOT_ACCEPTABLE.type() + ")",
                "409",
                        "A model of this kind cannot do that, the detail tells what can ("
                                + Fault.UNSUPPORTED_OPERATION.type()
                                + "), or it contradicts what is there ("
                                + Fault.CONFLICT.type()
                                + ")",
                "413", "Too many rows, bytes or iterations (" + Fault.TOO_LARGE.type() + ")",
                "415", "The body's content type is not read here (" + Fault.UNSUPPORTED_CONTENT.type() + ")",
                "422", "A shape, a number or a file is wrong, errors names which (" + Fault.INVALID.type() + ")",
                "429", "The queue is full; Retry-After tells when to come back (" + Fault.OVERLOADED.type() + ")",
                "504", "The deadline passed before the answer was there (" + Fault.DEADLINE_EXCEEDED.type() + ")");
        return api -> api.getPaths()
                .forEach((path, item) -> item.readOperations().forEach(operation -> {
                    document(operation, always);
                    if (operation.getRequestBody() != null) {
                        document(operation, withBody);
                    }
                }));
    }

    private static void document(Operation operation, Map<String, String> problems) {
        problems.forEach((status, description) -> operation
                .getResponses()
                .addApiResponse(
                        status,
                        new ApiResponse()
                                .description(description)
                                .content(new Content()
                                        .addMediaType(
                                                "application/problem+json",
                                                new MediaType()
                                                        .schema(new JsonSchema()
                                                                .$ref("#/components/schemas/Problem"))))));
    }

    private static Schema<?> tensor(String description) {
        JsonSchema schema = new JsonSchema();
        schema.setTypes(java.util.Set.of("array"));
        schema.setDescription(description);
        schema.setItems(new JsonSchema());
        return schema;
    }

    private static Schema<?> problem() {
        return new ObjectSchema()
                .description("RFC 9457 problem details")
                .addProperty("type", new StringSchema().example(Fault.INVALID.type()))
                .addProperty("title", new StringSchema().example("Unprocessable Content"))
                .addProperty("status", new IntegerSchema().example(422))
                .addProperty(
                        "detail", new StringSchema().example("instances[0] has shape [3], model needs [1, 28, 28]"))
                .addProperty("instance", new StringSchema().example("/v1/models/fashion-ae/encode"))
                .addProperty(
                        "errors",
                        new JsonSchema()
                                .types(java.util.Set.of("array"))
                                .items(
                                        new ObjectSchema()
                                                .addProperty("field", new StringSchema().example("instances[0]"))
                                                .addProperty(
                                                        "detail",
                                                        new StringSchema()
                                                                .example(
                                                                        "instances[0] has shape [3], model needs [1, 28, 28]"))));
    }

    private static Map<String, String> ordered(String... entries) {
        var map = new LinkedHashMap<String, String>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put(entries[i], entries[i + 1]);
        }
        return map;
    }
}
