package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.autoencoder.Objective;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
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
    void misspeltChoicesAreFaultsAmongTheOthers() {
        PlanRequest request = Plans.JSON.readValue("""
                {"model": "m", "network": {}, "freeze": "decodr", "epochs": 0,
                 "objective": {"type": "dae", "likelihood": "gausian", "noise": {"type": "maskin", "rate": 0.5}},
                 "optimizer": {"type": "adm", "schedule": "cosin", "learningRate": 0.1}}""", PlanRequest.class);

        assertThat(request.faults())
                .extracting(FieldError::field)
                .containsExactlyInAnyOrder(
                        "freeze",
                        "objective.likelihood",
                        "objective.noise.type",
                        "optimizer.type",
                        "optimizer.schedule",
                        "dataset",
                        "epochs");
        assertThat(request.faults())
                .extracting(FieldError::detail)
                .contains(
                        "freeze is 'decodr', decoder is needed",
                        "objective.likelihood is 'gausian', one of gaussian, bernoulli is needed",
                        "optimizer.type is 'adm', one of adam, adamw, sgd is needed");
        assertThat(request.optimizer()).isNull();
    }

    @Test
    void aPlanThatCannotBeReadTellsAllThatCannot() {
        Problem problem = catchThrowableOfType(
                Problem.class,
                () -> Plans.JSON.readValue(
                        "{\"epochs\": \"ten\", \"freeze\": \"decodr\", \"optimizer\": {\"lr\": 1}, \"objective\": {\"type\": \"dae\"}}",
                        PlanRequest.class));

        assertThat(problem.fault()).isEqualTo(Fault.MALFORMED);
        assertThat(problem.errors())
                .extracting(FieldError::field)
                .containsExactlyInAnyOrder("epochs", "freeze", "optimizer.lr", "objective.noise");
    }

    /** A choice is a text: what is none is of another type, as everywhere. */
    @Test
    void aTypeThatIsNoTextIsNoMisspeltChoice() {
        for (String objective : List.of("{\"type\": 7}", "{\"type\": true}", "[\"ae\", {}]")) {
            Problem problem = catchThrowableOfType(
                    Problem.class,
                    () -> Plans.JSON.readValue(
                            "{\"freeze\": \"decodr\", \"objective\": %s}".formatted(objective), PlanRequest.class));

            assertThat(problem.fault()).isEqualTo(Fault.MALFORMED);
            assertThat(problem.errors())
                    .extracting(FieldError::field)
                    .containsExactlyInAnyOrder("freeze", objective.startsWith("{") ? "objective.type" : "objective");
        }
    }

    @Test
    void whatNobodyCanCountIsToldUpToABound() {
        var fields = new StringBuilder("{");
        for (int i = 0; i < 10_000; i++) {
            fields.append("\"f%d\": %d, ".formatted(i, i));
        }
        String json = fields + "\"freeze\": \"decodr\"}";

        Problem problem = catchThrowableOfType(Problem.class, () -> Plans.JSON.readValue(json, PlanRequest.class));

        assertThat(problem.errors()).hasSizeBetween(2, 200);
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
