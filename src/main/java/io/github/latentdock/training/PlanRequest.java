package io.github.latentdock.training;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.github.latentdock.autoencoder.EarlyStopping;
import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.Objective;
import io.github.latentdock.autoencoder.Optimizer;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.problem.Words;
import io.github.latentdock.registry.Names;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * A plan as somebody sent it: {@link Plan} with fields left out.
 *
 * @param unread choices that there are not, in fields that are null instead; null where there were none
 */
record PlanRequest(
        @Nullable String model,
        @Nullable String dataset,
        Plan.@Nullable Validation validation,
        @Nullable Objective objective,
        @Nullable Map<String, Object> network,
        @Nullable Optimizer optimizer,
        @Nullable Integer epochs,
        @Nullable Integer batchSize,
        @Nullable Long seed,
        @Nullable EarlyStopping earlyStopping,
        @Nullable String parent,
        Plan.@Nullable Freeze freeze,
        @Nullable Integer keepCodes,
        @Nullable String alias,
        @Nullable List<FieldError> unread) {

    static final double VALIDATION = 0.1;
    static final double MOST_VALIDATION = 0.9;
    static final int EPOCHS = 10;
    static final int MOST_EPOCHS = 100_000;
    static final int BATCH_SIZE = 128;
    static final int MOST_BATCH_SIZE = 65_536;

    /** Seeds that are drawn survive a trip through JavaScript, whose numbers have 53 bits. */
    private static final int SEED_BITS = 53;

    private static final SecureRandom SEEDS = new SecureRandom();

    @JsonCreator
    static PlanRequest of(
            @Nullable String model,
            @Nullable String dataset,
            Plan.@Nullable Validation validation,
            @JsonDeserialize(using = ObjectiveReader.class) @Nullable Objective objective,
            @Nullable Map<String, Object> network,
            @Nullable Optimizer optimizer,
            @Nullable Integer epochs,
            @Nullable Integer batchSize,
            @Nullable Long seed,
            @Nullable EarlyStopping earlyStopping,
            @Nullable String parent,
            Plan.@Nullable Freeze freeze,
            @Nullable Integer keepCodes,
            @Nullable String alias) {
        return new PlanRequest(
                model,
                dataset,
                validation,
                objective,
                network,
                optimizer,
                epochs,
                batchSize,
                seed,
                earlyStopping,
                parent,
                freeze,
                keepCodes,
                alias,
                null);
    }

    /** Everything that is wrong with it by itself. */
    List<FieldError> faults() {
        var faults = new ArrayList<FieldError>(unread == null ? List.of() : unread);
        require(faults, "model", model);
        require(faults, "dataset", dataset);
        if (faults.stream().noneMatch(fault -> PlanCheck.top(fault.field()).equals("objective"))) {
            require(faults, "objective", objective);
        }
        if (parent == null) {
            require(faults, "network", network);
        }
        if (model != null && !Names.isModel(model)) {
            fault(faults, "model", "is '%s', it must match %s", Words.shortened(model), Names.MODEL);
        }
        if (alias != null && !Names.isAlias(alias)) {
            fault(
                    faults,
                    "alias",
                    "is '%s', it must match %s and not be a number",
                    Words.shortened(alias),
                    Names.MODEL);
        }
        double fraction = validation == null ? VALIDATION : validation.fraction();
        if (!(fraction >= 0 && fraction <= MOST_VALIDATION)) {
            fault(faults, "validation.fraction", "is %s, 0 to %s are possible", fraction, MOST_VALIDATION);
        }
        between(faults, "epochs", epochs, MOST_EPOCHS);
        between(faults, "batchSize", batchSize, MOST_BATCH_SIZE);
        between(faults, "keepCodes", keepCodes, Integer.MAX_VALUE);
        if (objective != null) {
            add(faults, objective.faults());
        }
        if (optimizer != null) {
            add(faults, optimizer.faults());
        }
        if (earlyStopping != null) {
            add(faults, earlyStopping.faults());
            if (fraction == 0) {
                fault(faults, "earlyStopping", "needs held-out examples, but validation.fraction is 0");
            }
        }
        if (freeze != null && parent == null) {
            fault(faults, "freeze", "needs a parent, whose weights stay");
        }
        if (freeze != null && objective != null && objective.kind() != Kind.AD) {
            fault(faults, "freeze", "is decoder; only an auto-decoder learns something without its decoder");
        }
        return faults;
    }

    /** With all defaults; to be called when there are no faults. */
    Plan plan() {
        return new Plan(
                Objects.requireNonNull(model),
                Objects.requireNonNull(dataset),
                validation == null ? new Plan.Validation(VALIDATION) : validation,
                Objects.requireNonNull(objective),
                Objects.requireNonNull(network),
                optimizer == null ? Optimizer.DEFAULT : optimizer,
                epochs == null ? EPOCHS : epochs,
                batchSize == null ? BATCH_SIZE : batchSize,
                seed == null ? SEEDS.nextLong(1L << SEED_BITS) : seed,
                earlyStopping,
                parent,
                freeze,
                keepCodes,
                alias);
    }

    /** Going on from a version. */
    PlanRequest goingOn(String from, @Nullable Map<String, Object> layers) {
        return new PlanRequest(
                model,
                dataset,
                validation,
                objective,
                layers,
                optimizer,
                epochs,
                batchSize,
                seed,
                earlyStopping,
                from,
                freeze,
                keepCodes,
                alias,
                unread);
    }

    /** The same, of which some could not be read. */
    PlanRequest unread(List<FieldError> choices) {
        return new PlanRequest(
                model,
                dataset,
                validation,
                objective,
                network,
                optimizer,
                epochs,
                batchSize,
                seed,
                earlyStopping,
                parent,
                freeze,
                keepCodes,
                alias,
                choices);
    }

    /** With the default of those of the fields that have one. */
    PlanRequest without(Collection<String> fields) {
        return new PlanRequest(
                model == null ? "" : model,
                dataset,
                fields.contains("validation") ? null : validation,
                objective, // What its numbers are does not matter to the data or the network.
                network,
                fields.contains("optimizer") ? null : optimizer,
                fields.contains("epochs") ? null : epochs,
                fields.contains("batchSize") ? null : batchSize,
                seed,
                fields.contains("earlyStopping") ? null : earlyStopping,
                fields.contains("parent") ? null : parent,
                fields.contains("freeze") ? null : freeze,
                fields.contains("keepCodes") ? null : keepCodes,
                fields.contains("alias") ? null : alias,
                null);
    }

    private static void add(List<FieldError> faults, List<Fault> found) {
        found.forEach(fault -> faults.add(new FieldError(fault.where(), fault.sentence())));
    }

    private static void require(List<FieldError> faults, String field, @Nullable Object value) {
        if (value == null) {
            fault(faults, field, "is missing");
        }
    }

    private static void between(List<FieldError> faults, String field, @Nullable Integer value, int most) {
        if (value != null && (value < 1 || value > most)) {
            fault(faults, field, "is %d, 1 to %d are possible", value, most);
        }
    }

    private static void fault(List<FieldError> faults, String field, String told, Object... arguments) {
        faults.add(new FieldError(field, "%s %s".formatted(field, told.formatted(arguments))));
    }
}
