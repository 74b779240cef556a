package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.NetworkPlan;
import io.github.latentdock.autoencoder.Wanted;
import io.github.latentdock.dataset.Dataset;
import io.github.latentdock.dataset.Datasets;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.problem.UnreadableJson;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Version;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Trains autoencoders on the datasets that are there. */
@Component
@ConditionalOnTraining
final class AutoencoderLoops implements TrainingLoops {

    private final Datasets datasets;
    private final Parents parents;
    private final JsonMapper json;
    private final DataSize maxMemory;

    AutoencoderLoops(Datasets datasets, ModelRepository models, JsonMapper json, TrainingProperties properties) {
        this.datasets = datasets;
        this.parents = new Parents(models);
        this.json = json;
        this.maxMemory = properties.maxMemory();
    }

    @Override
    public Check check(Plan plan) {
        var faults = new ArrayList<FieldError>();
        NetworkPlan network = network(plan.network(), faults);
        Version.Sound parent = parents.find(plan, faults);
        Dataset dataset = dataset(plan.dataset(), faults);
        if (dataset != null && network != null) {
            Blueprint.of(plan, network, dataset, parent, maxMemory, faults);
        }
        String parentDigest = parent == null || !faults.isEmpty() ? null : parents.digest(parent, faults);
        return new Check(
                List.copyOf(faults),
                dataset == null || !faults.isEmpty() ? null : new Pinned(dataset.id(), parentDigest));
    }

    @Override
    public double mostHeldOut(Plan plan) {
        var faults = new ArrayList<FieldError>(); // Which are told when the plan is checked.
        Version.Sound parent = parents.find(plan, faults);
        Dataset dataset = dataset(plan.dataset(), faults);
        return dataset == null ? 1 : Lineage.of(parent).most(dataset.id());
    }

    @Override
    public List<FieldError> checkAlone(@Nullable String dataset, @Nullable Map<String, Object> network) {
        var faults = new ArrayList<FieldError>();
        if (network != null) {
            network(network, faults);
        }
        if (dataset != null) {
            dataset(dataset, faults);
        }
        return faults;
    }

    private @Nullable NetworkPlan network(Map<String, Object> network, List<FieldError> faults) {
        try {
            return json.convertValue(network, NetworkPlan.class);
        } catch (JacksonException wrong) {
            faults.addAll(UnreadableJson.errors("network", wrong));
            return null;
        }
    }

    private @Nullable Dataset dataset(String nameOrId, List<FieldError> faults) {
        try {
            return datasets.require(nameOrId);
        } catch (Problem missing) {
            faults.add(new FieldError("dataset", missing.detail()));
            return null;
        }
    }

    @Override
    public TrainingLoop start(Plan plan, Pinned pinned, Wanted wanted) {
        Blueprint blueprint = blueprint(plan, pinned);
        return AutoencoderLoop.start(datasets, blueprint, parents.trained(blueprint, pinned.parent()), wanted);
    }

    @Override
    public TrainingLoop resume(Plan plan, Pinned pinned, Path checkpoint, Wanted wanted) {
        Blueprint blueprint = blueprint(ofCheckpoint(plan), pinned);
        return AutoencoderLoop.resume(
                datasets,
                blueprint,
                lineage(plan, blueprint, checkpoint),
                parents.trained(blueprint, pinned.parent()),
                checkpoint,
                wanted);
    }

    private Lineage lineage(Plan plan, Blueprint blueprint, Path checkpoint) {
        Lineage noted = Lineage.read(checkpoint);
        // An older service noted none: then as far as the parent, if it is still there, tells.
        return noted != null
                ? noted
                : Lineage.of(parents.find(plan, new ArrayList<>()))
                        .with(blueprint.dataset().id(), plan.validation().fraction());
    }

    /** A checkpoint has everything of the parent but the codes that an auto-decoder replays, so the others do without it. */
    private static Plan ofCheckpoint(Plan plan) {
        return plan.objective().kind() == Kind.AD ? plan : plan.withoutParent();
    }

    /** Checked once more: much may have changed since the plan was taken. */
    private Blueprint blueprint(Plan plan, Pinned pinned) {
        var faults = new ArrayList<FieldError>();
        NetworkPlan network = network(plan.network(), faults);
        Version.Sound parent = parents.requireAsItWas(plan, pinned.parent());
        Dataset dataset = datasetAsItWas(plan, pinned);
        Blueprint blueprint = network == null || !faults.isEmpty()
                ? null
                : Blueprint.of(plan, network, dataset, parent, maxMemory, faults);
        if (blueprint == null) {
            throw Problem.of(Fault.INVALID, faults);
        }
        return blueprint;
    }

    /** By its id: the name may stand for other data by now. */
    private Dataset datasetAsItWas(Plan plan, Pinned pinned) {
        List<Dataset> all = datasets.all();
        return all.stream()
                .filter(dataset -> dataset.id().equals(pinned.dataset()))
                .findFirst()
                .orElseThrow(() -> Problem.invalid(
                        "dataset",
                        "The dataset '%s' of id %s is gone%s; upload the same files again, then resume"
                                .formatted(
                                        plan.dataset(),
                                        pinned.dataset(),
                                        all.stream()
                                                .filter(dataset ->
                                                        dataset.name().equals(plan.dataset()))
                                                .map(dataset -> ", what is called so now has id " + dataset.id())
                                                .findFirst()
                                                .orElse(""))));
    }
}
