package io.github.latentdock.registry;

import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.Likelihood;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.NumberSchema;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.stereotype.Component;

/** Documents {@link Manifest#json()}, which the record's components do not show. */
@Component
final class ManifestApi implements GlobalOpenApiCustomizer {

    private static final String NAME = "Manifest";

    static {
        SpringDocUtils.getConfig()
                .replaceWithSchema(Manifest.class, new Schema<>().$ref("#/components/schemas/" + NAME));
    }

    @Override
    public void customise(OpenAPI api) {
        api.getComponents().addSchemas(NAME, manifest());
    }

    private static Schema<?> manifest() {
        return object(
                        "What a version is, how it was made and how to run it: its model.json with all defaults written out")
                .addProperty("name", new StringSchema().description("The name of the model"))
                .addProperty("version", new IntegerSchema().description("The number of the version"))
                .addProperty(
                        "kind",
                        choice(Kind.values())
                                .description("ae: autoencoder, vae: variational autoencoder, ad: auto-decoder"))
                .addProperty("format", choice(Format.values()).description("How the weights are kept"))
                .addProperty(
                        "input",
                        object("What goes in and comes out")
                                .addProperty("shape", shape("Of one instance"))
                                .addProperty("range", rangeOrNull())
                                .addProperty(
                                        "likelihood",
                                        choice(Likelihood.values())
                                                .description("What the decoder's output parametrises"))
                                .required(List.of("shape", "range", "likelihood")))
                .addProperty(
                        "latent",
                        object("The space between the halves")
                                .addProperty("shape", shape("Of one latent"))
                                .addProperty(
                                        "prior",
                                        new StringSchema()
                                                .description(
                                                        "standard-normal, or unit-ball where latents are only searched within"))
                                .addProperty(
                                        "group",
                                        new IntegerSchema()
                                                .description(
                                                        "How many of a multi-level VAE's first values belong to an example's group; absent for other models"))
                                .required(List.of("shape", "prior")))
                .addProperty(
                        "network",
                        object("The layers of encoder, mean, log_variance and decoder, named as in torch.nn; absent in"
                                        + " TorchScript")
                                .additionalProperties(new ArraySchema()
                                        .items(new ObjectSchema().additionalProperties(new Schema<>()))))
                .addProperty(
                        "files",
                        object("What each file must be, by its name")
                                .additionalProperties(object("What a file's content is known by")
                                        .title("FileDigest")
                                        .addProperty(
                                                "sha256",
                                                new StringSchema().description("64 lower-case hexadecimal digits"))
                                        .addProperty(
                                                "bytes",
                                                new IntegerSchema()
                                                        .format("int64")
                                                        .description("The length"))
                                        .required(List.of("sha256", "bytes"))))
                .addProperty(
                        "metrics",
                        object("What was measured when it was trained").additionalProperties(new Schema<>()))
                .addProperty("provenance", object("How it was made").additionalProperties(new Schema<>()))
                .required(List.of(
                        "name", "version", "kind", "format", "input", "latent", "files", "metrics", "provenance"));
    }

    private static Schema<?> object(String description) {
        return new ObjectSchema().description(description);
    }

    private static Schema<?> shape(String description) {
        return new ArraySchema().items(new IntegerSchema()).description(description);
    }

    private static Schema<?> rangeOrNull() {
        Schema<?> range = new JsonSchema()
                .items(new NumberSchema())
                .minItems(2)
                .maxItems(2)
                .description("The least and the greatest that values can be; null when they are not bounded");
        range.addType("array");
        range.addType("null");
        return range;
    }

    private static Schema<?> choice(Enum<?>[] values) {
        var choice = new StringSchema();
        Arrays.stream(values).forEach(value -> choice.addEnumItem(value.name().toLowerCase(Locale.ROOT)));
        return choice;
    }
}
