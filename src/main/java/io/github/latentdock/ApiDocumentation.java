package io.github.latentdock;

import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.servers.Server;
import io.swagger.v3.oas.models.tags.Tag;
import java.util.List;
import java.util.Set;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The OpenAPI document: what all operations have in common. */
@Configuration(proxyBeanMethods = false)
class ApiDocumentation {

    private static final String ABOUT = """
            Encode, decode, denoise, sample and optimise latents with trained autoencoders.

            **Kinds.** An autoencoder (`ae`) has an encoder and a decoder. A variational autoencoder (`vae`) has an encoder \
            that gives a posterior, a mean and a log-variance. An auto-decoder (`ad`) has only a decoder; its latents are \
            found by optimisation when they are asked for. What a kind cannot do is answered with 409 and with what it can.

            **Versions.** A model has numbered versions that never change, and aliases that stand for one of them. \
            `/v1/models/{model}/…` is served by the alias `default`, which is the newest version unless it was set; \
            `/v1/models/{model}/versions/{version}/…` by the version or alias that is named.

            **Tensors.** Instances and latents are always lists of rows, also a single one: `[n, …shape]`, with the shape that \
            the manifest tells. They travel in JSON as nested arrays, as `application/octet-stream` in little-endian float32 \
            without a header, row-major, as `application/x-npy`, and where a row is a picture (`[1, h, w]` or `[3, h, w]`) as \
            `image/png` or `image/jpeg`. `Content-Type` says what comes in, `Accept` what goes out. A body that is not JSON holds \
            only the rows; the other fields of the JSON body are then query parameters of the same names.

            **Trainings** are jobs. A plan that is taken waits for a worker, survives crashes, and ends as the next version of its \
            model; `/v1/trainings/{training}/events` shows how far it is.

            **Problems** are `application/problem+json` (RFC 9457). Their `type` tells what kind of thing is wrong, their \
            `detail` what was given and what would be right, `errors` the fields.

            The bounds of numbers are those of this service; its operator can set others.
            """;

    static {
        SpringDocUtils.getConfig()
                .replaceWithSchema(Payload.class, nestedArrays())
                .replaceWithSchema(Tensor.class, nestedArrays());
    }

    @Bean
    OpenAPI openApi() {
        Components components = new Components()
                .addSchemas("Problem", ApiProblems.schema())
                .addSchemas("FieldError", ApiProblems.fieldError());
        ApiProblems.responses().forEach(components::addResponses);
        return new OpenAPI()
                .info(new Info()
                        .title("Latentdock")
                        .version("v1")
                        .description(ABOUT)
                        .license(new License().name("Apache-2.0").identifier("Apache-2.0")))
                .servers(List.of(new Server().url("/").description("This service")))
                .tags(List.of(
                        new Tag()
                                .name("inference")
                                .description("Operations of a model, served by the version that `default` stands for"),
                        new Tag()
                                .name("inference with a version")
                                .description("The same operations, served by the version or alias that the path names"),
                        new Tag().name("models").description("Models, their versions and their aliases"),
                        new Tag().name("datasets").description("Examples to train models with"),
                        new Tag().name("trainings").description("Jobs that make a version out of a data set")))
                .components(components);
    }

    /** Of any depth, so nothing is said of the items. */
    private static Schema<?> nestedArrays() {
        var schema = new JsonSchema();
        schema.setTypes(Set.of("array"));
        schema.setItems(new JsonSchema());
        return schema;
    }
}
