package io.github.latentdock.training;

import io.github.latentdock.autoencoder.NetworkPlan;
import io.github.latentdock.autoencoder.TrainedState;
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
    private final ModelRepository models;
    private final JsonMapper json;
    private final DataSize maxMemory;

    AutoencoderLoops(Datasets datasets, ModelRepository models, JsonMapper json, TrainingProperties properties) {
        this.datasets = datasets;
        this.models = models;
        this.json = json;
        this.maxMemory = properties.maxMemory();
    }

    @Override
    public Check check(Plan plan) {
        var faults = new ArrayList<FieldError>();
        NetworkPlan network = network(plan, faults);
        Version.Sound parent = parent(plan, faults);
        Dataset dataset = dataset(plan.dataset(), faults);
        if (dataset != null && network != null) {
            Blueprint.of(plan, network, dataset, parent, maxMemory, faults);
        }
        return new Check(List.copyOf(faults), dataset == null ? null : dataset.id());
    }

    private @Nullable NetworkPlan network(Plan plan, List<FieldError> faults) {
        try {
            return json.convertValue(plan.network(), NetworkPlan.class);
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

    private Version.@Nullable Sound parent(Plan plan, List<FieldError> faults) {
        String parent = plan.parent();
        if (parent == null) {
            return null;
        }
        int at = parent.indexOf('@');
        try {
            return switch (models.snapshot().model(parent.substring(0, at)).version(parent.substring(at + 1))) {
                case Version.Sound sound -> sound;
                case Version.Faulty(var model, var number, var reason) -> {
                    faults.add(new FieldError("parent", "%s cannot be gone on from: %s".formatted(parent, reason)));
                    yield null;
                }
            };
        } catch (Problem unknown) {
            faults.add(new FieldError("parent", unknown.detail()));
            return null;
        }
    }

    @Override
    public TrainingLoop start(Plan plan, String datasetDigest) {
        return AutoencoderLoop.start(datasets, blueprint(plan, datasetDigest));
    }

    @Override
    public TrainingLoop resume(Plan plan, String datasetDigest, Path checkpoint) {
        return AutoencoderLoop.resume(datasets, blueprint(plan, datasetDigest), checkpoint);
    }

    /** Checked once more: much may have changed since the plan was taken. */
    private Blueprint blueprint(Plan plan, String datasetDigest) {
        var faults = new ArrayList<FieldError>();
        NetworkPlan network = network(plan, faults);
        Version.Sound parent = parent(plan, faults);
        // By its digest: the name may stand for other data by now.
        Dataset dataset = dataset(datasetDigest, faults);
        Blueprint blueprint = dataset == null || network == null || !faults.isEmpty()
                ? null
                : Blueprint.of(plan, network, dataset, parent, maxMemory, faults);
        if (blueprint == null) {
            throw Problem.of(Fault.INVALID, faults);
        }
        return blueprint;
    }

    /** What the parent's training had learned. */
    static @Nullable TrainedState trained(Blueprint blueprint) {
        Version.Sound parent = blueprint.parent();
        if (parent == null) {
            return null;
        }
        Object variance = parent.manifest().metrics().get("decoderVariance");
        return TrainedState.read(
                blueprint.declared().network(),
                parent.folder(),
                variance instanceof Number number ? number.doubleValue() : Double.NaN);
    }
}
