package io.github.latentdock;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.stereotype.Component;

/** Turns what springdoc took from Javadoc into the Markdown that OpenAPI wants, and tells what is in paths. */
@Component
final class ApiText implements GlobalOpenApiCustomizer {

    private static final Map<String, Parameter> IN_PATHS = Map.of(
            "model", new Parameter().description("The model's name").example("fashion-vae"),
            "version",
                    new Parameter()
                            .description("A version's number, or an alias")
                            .example("1"),
            "dataset", new Parameter().description("A dataset's name or id").example("fashion-mnist-sample"),
            "alias",
                    new Parameter()
                            .description("The alias, such as `default` or `canary`; not a number")
                            .example("canary"),
            "training",
                    new Parameter().description("The training's id").example("0b6a3e0e-6f0c-4f3a-9b51-6d2f4f6f6a10"));

    @Override
    public void customise(OpenAPI api) {
        api.getPaths().values().forEach(path -> path.readOperations().forEach(ApiText::customise));
        api.getComponents().getSchemas().values().forEach(ApiText::customise);
    }

    /** The first sentence is the summary already. */
    private static void customise(Operation operation) {
        String description = markdown(operation.getDescription());
        String summary = markdown(operation.getSummary());
        if (summary != null && description != null && description.startsWith(summary)) {
            description = description.substring(summary.length()).replaceFirst("^\\.?\\s*", "");
        }
        operation.setSummary(summary);
        operation.setDescription(description);
        if (operation.getParameters() != null) {
            operation.getParameters().forEach(ApiText::customise);
        }
    }

    private static void customise(Parameter parameter) {
        parameter.setDescription(markdown(parameter.getDescription()));
        Parameter known = IN_PATHS.get(parameter.getName());
        if (known != null && parameter.getIn().equals("path") && parameter.getDescription() == null) {
            boolean number = parameter.getSchema().getTypes().contains("integer");
            parameter.setDescription(number ? "A version's number" : known.getDescription());
            parameter.setExample(number ? (Object) 1 : known.getExample());
        }
    }

    private static void customise(Schema<?> schema) {
        schema.setDescription(markdown(schema.getDescription()));
        if (schema.getTypes() != null
                && schema.getTypes().contains("number")
                && schema.getDefault() instanceof String number) {
            ((Schema<Object>) schema).setDefault(new BigDecimal(number));
        }
        Map<String, Schema> properties = schema.getProperties();
        if (properties != null) {
            properties.values().forEach(ApiText::customise);
        }
    }

    private static @Nullable String markdown(@Nullable String javadoc) {
        if (javadoc == null || javadoc.isBlank()) {
            return null;
        }
        String text = javadoc.strip()
                .replaceAll("</?code>", "`")
                .replaceAll("\\s+", " ")
                .replaceAll("\\s*<p>\\s*", "\n\n");
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
