package io.github.latentdock.training;

import io.github.latentdock.autoencoder.InvalidModelException;
import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.Likelihood;
import io.github.latentdock.autoencoder.NetworkPlan;
import io.github.latentdock.autoencoder.NetworkPlan.Declared;
import io.github.latentdock.autoencoder.Objective;
import io.github.latentdock.autoencoder.SavedCodes;
import io.github.latentdock.autoencoder.TrainingSettings;
import io.github.latentdock.dataset.Dataset;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.registry.Format;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.registry.Version;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * A plan held against its data and its parent: all that a training needs to know before it starts.
 *
 * @param parent null where training begins anew
 */
record Blueprint(
        Plan plan, Dataset dataset, Declared declared, TrainingSettings settings, Version.@Nullable Sound parent) {

    /** In the provenance of an auto-decoder's version, how many codes there were, of which {@code keepCodes} stayed. */
    static final String CODES = "codes";

    /** In a batch: what one array of Java's holds. */
    private static final long MOST_VALUES = 1L << 30;

    /** Of values whose squares are added in float32. */
    private static final double MOST_VALUE = 1e12;

    /** In a batch of groups, whose membership is a square matrix. */
    private static final int MOST_MEMBERS = 4096;

    /**
     * @param most the memory that a training may take
     * @param faults takes everything that is wrong
     * @return null where something is
     */
    static @Nullable Blueprint of(
            Plan plan,
            NetworkPlan network,
            Dataset dataset,
            Version.@Nullable Sound parent,
            DataSize most,
            List<FieldError> faults) {
        int known = faults.size();
        checkData(plan, dataset, Lineage.of(parent), faults);
        Declared declared = null;
        try {
            declared = network.declare(plan.objective(), dataset.shape(), isUnit(dataset));
            checkDecoder(plan.objective(), dataset, declared, faults);
            checkBatch(plan, dataset, declared, faults);
        } catch (InvalidModelException invalid) {
            invalid.faults().forEach(fault -> faults.add(new FieldError(fault.where(), fault.sentence())));
        }
        if (parent != null) {
            checkParent(plan, dataset, declared, parent, faults);
        }
        var settings = new TrainingSettings(
                plan.objective(),
                plan.optimizer(),
                plan.epochs(),
                plan.batchSize(),
                plan.seed(),
                plan.earlyStopping(),
                plan.freeze() == Plan.Freeze.DECODER,
                parent != null && sameExamples(plan, dataset, parent.manifest().provenance()));
        if (declared != null) {
            new MemoryCheck(plan, network, declared, settings, trained(plan, dataset), parent)
                    .fault(most)
                    .ifPresent(faults::add);
        }
        return declared == null || faults.size() > known
                ? null
                : new Blueprint(plan, dataset, declared, settings, parent);
    }

    private static void checkData(Plan plan, Dataset dataset, Lineage lineage, List<FieldError> faults) {
        double fraction = plan.validation().fraction();
        int held = DatasetExamples.Split.held(dataset.rows(), fraction);
        if (held >= dataset.rows()) {
            fault(
                    faults,
                    "validation.fraction",
                    "is %s, which leaves none of the %d examples to train on",
                    fraction,
                    dataset.rows());
        }
        if (plan.earlyStopping() != null && held == 0) {
            fault(
                    faults,
                    "validation.fraction",
                    "is %s, which holds none of %d examples out; earlyStopping needs some%s",
                    fraction,
                    dataset.rows(),
                    lineage.most(dataset.id()) == 0 ? ", but the parent's lineage was trained on all" : "");
        }
        double largest =
                Math.max(-dataset.statistics().min(), dataset.statistics().max());
        if (largest > MOST_VALUE) {
            fault(
                    faults,
                    "dataset",
                    "is '%s', which has values of up to %s; squared errors of values beyond %s cannot be computed: scale them",
                    dataset.name(),
                    largest,
                    MOST_VALUE);
        }
        if (plan.objective().likelihood() == Likelihood.BERNOULLI && !isUnit(dataset)) {
            fault(
                    faults,
                    "objective.likelihood",
                    "is bernoulli, which is for values in [0, 1]; those of dataset '%s' are in [%s, %s]: gaussian is for these",
                    dataset.name(),
                    dataset.statistics().min(),
                    dataset.statistics().max());
        }
        if (plan.objective() instanceof Objective.MlVae && !dataset.hasGroups() && !dataset.hasLabels()) {
            fault(
                    faults,
                    "dataset",
                    "is '%s', which has neither groups nor labels; ml-vae needs examples in groups",
                    dataset.name());
        }
        if (plan.objective() instanceof Objective.Ad ad
                && ad.loss() == Objective.Loss.LAPLACIAN
                && dataset.shape().length != 3) {
            fault(
                    faults,
                    "objective.loss",
                    "is laplacian, which is for pictures; examples of dataset '%s' have shape %s",
                    dataset.name(),
                    Arrays.toString(dataset.shape()));
        }
    }

    private static void checkDecoder(Objective objective, Dataset dataset, Declared declared, List<FieldError> faults) {
        boolean probabilities = declared.network().givesProbabilities();
        if (objective.likelihood() == Likelihood.BERNOULLI && !probabilities) {
            fault(faults, "network.decoder", "does not end with a Sigmoid; a bernoulli likelihood needs probabilities");
        }
        if (probabilities && !isUnit(dataset)) {
            fault(
                    faults,
                    "network.decoder",
                    "ends with a Sigmoid, which gives values in [0, 1]; those of dataset '%s' are in [%s, %s]",
                    dataset.name(),
                    dataset.statistics().min(),
                    dataset.statistics().max());
        }
    }

    private static void checkBatch(Plan plan, Dataset dataset, Declared declared, List<FieldError> faults) {
        long latent = Tensor.size(declared.network().latentShape());
        long values = (plan.batchSize() + 1L) * Math.max(dataset.size(), latent);
        if (values > MOST_VALUES) {
            fault(
                    faults,
                    "batchSize",
                    "is %d, which makes batches of %d values; at most %d are possible",
                    plan.batchSize(),
                    values,
                    MOST_VALUES);
        }
        if (plan.objective() instanceof Objective.MlVae && plan.batchSize() > MOST_MEMBERS) {
            fault(faults, "batchSize", "is %d, at most %d are possible with ml-vae", plan.batchSize(), MOST_MEMBERS);
        }
        if (declared.network().normalizesBatches()) {
            if (plan.batchSize() == 1) {
                fault(faults, "batchSize", "is 1; batch normalisation needs at least 2");
            } else if (trained(plan, dataset) == 1) {
                fault(
                        faults,
                        "validation.fraction",
                        "is %s, which leaves one of %d examples to train on; batch normalisation needs at least 2",
                        plan.validation().fraction(),
                        dataset.rows());
            }
        }
    }

    /** Whether a version was made from the same data set, with the same examples held out, and kept all of its codes. */
    private static boolean sameExamples(Plan plan, Dataset dataset, Map<String, Object> provenance) {
        return dataset.id().equals(provenance.get("datasetDigest"))
                && provenance.get("plan") instanceof Map<?, ?> old
                && keptAll(old.get("keepCodes"), provenance.get(CODES), trained(plan, dataset))
                && old.get("validation") instanceof Map<?, ?> validation
                && validation.get("fraction") instanceof Number fraction
                && fraction.doubleValue() == plan.validation().fraction();
    }

    /** @param codes how many there were, the replayed ones of a parent included; null of a version from before this was noted */
    private static boolean keptAll(@Nullable Object keep, @Nullable Object codes, int examples) {
        if (!(keep instanceof Number most)) {
            return keep == null;
        }
        // As many as there are examples may be a choice out of more codes.
        return codes instanceof Number all ? most.longValue() >= all.longValue() : most.longValue() > examples;
    }

    /** How many examples are not held out. */
    private static int trained(Plan plan, Dataset dataset) {
        return dataset.rows()
                - DatasetExamples.Split.held(dataset.rows(), plan.validation().fraction());
    }

    private static void checkParent(
            Plan plan, Dataset dataset, @Nullable Declared declared, Version.Sound parent, List<FieldError> faults) {
        Manifest manifest = parent.manifest();
        String name = "%s@%d".formatted(parent.model(), parent.number());
        double mostHeld = Lineage.of(parent).most(dataset.id());
        if (plan.validation().fraction() > mostHeld) {
            fault(
                    faults,
                    "validation.fraction",
                    "is %s; at most %s is possible, since the parent %s, or what it goes on from, was trained on all examples of dataset '%s' but this share, and what was trained on judges nothing",
                    plan.validation().fraction(),
                    mostHeld,
                    name,
                    dataset.name());
        }
        if (manifest.format() != Format.SAFETENSORS) {
            fault(faults, "parent", "%s is TorchScript; only a declared network can be trained on", name);
        } else if (manifest.kind() != plan.objective().kind()) {
            fault(
                    faults,
                    "parent",
                    "%s is of kind %s, the objective trains kind %s",
                    name,
                    manifest.kind(),
                    plan.objective().kind());
        } else if (declared != null && !declared.declaration().equals(manifest.network())) {
            fault(faults, "network", "is not that of the parent %s; leave it out to go on with the parent's", name);
        } else if (manifest.kind() == Kind.AD && !manifest.files().containsKey(SavedCodes.FILE)) {
            fault(faults, "parent", "%s has no codes.safetensors, from which to go on", name);
        }
    }

    /** Of the version that is made: what it holds out itself, and what its parent's lineage did. */
    Lineage lineage() {
        return Lineage.of(parent).with(dataset.id(), plan.validation().fraction());
    }

    /** What the values lie in; null where that is not known. */
    Manifest.@Nullable Range range() {
        ValueRange range = dataset.range();
        return range == null ? null : new Manifest.Range(range.low(), range.high());
    }

    Manifest.Latent latent() {
        Integer group = plan.objective() instanceof Objective.MlVae multiLevel ? multiLevel.group() : null;
        boolean ball = plan.objective() instanceof Objective.Ad ad && ad.ball();
        return new Manifest.Latent(
                declared.network().latentShape(), ball ? Manifest.UNIT_BALL : Manifest.STANDARD_NORMAL, group);
    }

    /** Whether values lie in [0, 1], so that a sigmoid fits them. */
    static boolean isUnit(Dataset dataset) {
        return dataset.statistics().min() >= 0 && dataset.statistics().max() <= 1;
    }

    private static void fault(List<FieldError> faults, String field, String told, Object... arguments) {
        faults.add(new FieldError(field, "%s %s".formatted(field, told.formatted(arguments))));
    }
}
