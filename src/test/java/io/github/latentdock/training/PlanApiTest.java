package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What is documented of defaults is what they are. */
class PlanApiTest {

    private static final Pattern DEFAULT = Pattern.compile("; ([0-9.]+) when it is left out");

    @ParameterizedTest
    @CsvSource({
        "ae, sparsity",
        "vae, variance",
        "beta-vae, variance",
        "beta-vae, warmup",
        "ad, prior",
        "ad, codeLearningRate",
        "vad, codeLearningRate"
    })
    void defaultsOfObjectives(String type, String field) {
        PlanRequest plan =
                Plans.JSON.convertValue(Plans.json(Map.of("objective", Map.of("type", type))), PlanRequest.class);
        JsonNode objective = Plans.JSON.valueToTree(plan).path("objective");
        Schema<?> documented = property(objective(), field);
        var told = DEFAULT.matcher(documented.getDescription());

        assertThat(told.find()).as(documented.getDescription()).isTrue();
        assertThat(objective.path(field).asDouble(-1)).isEqualTo(Double.parseDouble(told.group(1)));
    }

    private static Schema<?> objective() {
        var api =
                new OpenAPI().paths(new Paths()).components(new Components().addSchemas("Losses", new ObjectSchema()));
        new PlanApi().customise(api);
        return property(Objects.requireNonNull(api.getComponents().getSchemas().get("Plan")), "objective");
    }

    private static Schema<?> property(Schema<?> of, String name) {
        return (Schema<?>) Objects.requireNonNull(of.getProperties().get(name), name);
    }
}
