package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.autoencoder.Objective;
import io.github.latentdock.problem.Problem.FieldError;
import java.util.List;
import java.util.Map;
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
    void everythingThatIsWrongIsToldOnce() {
        PlanRequest request = Plans.JSON.readValue("""
                {"model": "no model", "dataset": "d", "network": {}, "parent": "a@1", "alias": "1", "freeze": "decoder",
                 "validation": {"fraction": 0}, "epochs": 0, "batchSize": 1048576, "keepCodes": 0,
                 "objective": {"type": "beta-vae", "variance": 0, "beta": -1, "warmup": -1},
                 "optimizer": {"learningRate": 0, "weightDecay": -1, "momentum": 0.9, "clip": -1},
                 "earlyStopping": {"patience": 0, "minDelta": -1}}""", PlanRequest.class);

        assertThat(request.faults())
                .extracting(FieldError::field)
                .containsExactlyInAnyOrder(
                        "model",
                        "alias",
                        "freeze",
                        "epochs",
                        "batchSize",
                        "keepCodes",
                        "objective.variance",
                        "objective.beta",
                        "objective.warmup",
                        "optimizer.learningRate",
                        "optimizer.weightDecay",
                        "optimizer.momentum",
                        "optimizer.clip",
                        "earlyStopping.patience",
                        "earlyStopping.minDelta",
                        "earlyStopping");
    }

    @Test
    void whatIsLeftOutOfAccountHasItsDefault() {
        PlanRequest request = Plans.JSON.convertValue(
                Plans.json(Map.of("epochs", -1, "batchSize", -1, "keepCodes", -1)), PlanRequest.class);

        PlanRequest mended = request.without(List.of("epochs", "batchSize", "keepCodes"));

        assertThat(mended.faults()).isEmpty();
        assertThat(mended.plan()).isEqualTo(Plans.plan(Map.of("epochs", 10)));
    }

    @Test
    void aSeedThatIsDrawnIsExactInEveryLanguage() {
        PlanRequest request = Plans.JSON.convertValue(
                Plans.json(new java.util.HashMap<>(java.util.Collections.singletonMap("seed", null))),
                PlanRequest.class);

        assertThat(request.plan().seed()).isBetween(0L, (1L << 53) - 1);
    }
}
