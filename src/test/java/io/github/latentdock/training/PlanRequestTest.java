package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.autoencoder.Objective;
import org.junit.jupiter.api.Test;

/** How plans are read. */
class PlanRequestTest {

    /** Generated clients send all fields of all objectives. */
    @Test
    void fieldsThatAreNullAreAbsent() {
        PlanRequest request = Plans.JSON.readValue(
                "{\"objective\": {\"type\": \"ad\", \"beta\": null, \"prior\": 2}}", PlanRequest.class);

        assertThat(request.objective())
                .isInstanceOfSatisfying(
                        Objective.Ad.class, ad -> assertThat(ad.prior()).isEqualTo(2));
    }

    @Test
    void aPlanIsReadAsItWasWritten() {
        Plan plan = Plans.plan();

        assertThat(Plans.JSON.readValue(Plans.JSON.writeValueAsString(plan), Plan.class))
                .isEqualTo(plan);
    }

    @Test
    void aSeedThatIsDrawnIsExactInEveryLanguage() {
        PlanRequest request = Plans.JSON.convertValue(
                Plans.json(new java.util.HashMap<>(java.util.Collections.singletonMap("seed", null))),
                PlanRequest.class);

        assertThat(request.plan().seed()).isBetween(0L, (1L << 53) - 1);
    }
}
