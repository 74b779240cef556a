package io.github.latentdock.training;

import io.github.latentdock.autoencoder.InvalidModelException;
import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.NetworkPlan;
import io.github.latentdock.autoencoder.NetworkPlan.Declared;
import io.github.latentdock.autoencoder.Objective;
import io.github.latentdock.autoencoder.Safetensors;
import io.github.latentdock.autoencoder.SavedCodes;
import io.github.latentdock.autoencoder.TrainingMemory;
import io.github.latentdock.autoencoder.TrainingSettings;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.registry.Version;
import io.github.latentdock.tensor.Tensor;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** A plan that the memory does not hold would end the whole process, and every other that takes it over. */
final class MemoryCheck {

    private final Plan plan;
    private final NetworkPlan network;
    private final int[] latent;
    private final long latentSize;
    private final long inputSize;
    private final boolean begins;
    private final TrainingMemory memory;

    /** @param examples that are trained on */
    MemoryCheck(
            Plan plan,
            NetworkPlan network,
            Declared declared,
            TrainingSettings settings,
            int examples,
            Version.@Nullable Sound parent) {
        this.plan = plan;
        this.network = network;
        this.latent = declared.network().latentShape();
        this.latentSize = Tensor.size(latent);
        this.inputSize = Tensor.size(declared.network().inputShape());
        this.begins = parent == null
                && plan.objective() instanceof Objective.Coded coded
                && coded.codes() == Objective.Codes.PCA;
        long old = parent == null ? 0 : codes(parent);
        boolean added = plan.objective().kind() == Kind.AD && !settings.hasCodes(old, examples);
        this.memory = TrainingMemory.of(
                declared.network(),
                settings,
                examples,
                old,
                KeptCodes.count(plan, latentSize, added ? examples + old : examples));
    }

    /** How many there are: beside those of a variational auto-decoder are their variances. */
    private static long codes(Version.Sound parent) {
        if (!parent.manifest().files().containsKey(SavedCodes.FILE)) {
            return 0;
        }
        try (Safetensors file = Safetensors.open(parent.folder().resolve(SavedCodes.FILE))) {
            return file.shapes().values().stream()
                    .filter(shape -> shape.length > 0)
                    .mapToLong(shape -> shape[0])
                    .max()
                    .orElse(0);
        } catch (UncheckedIOException | InvalidModelException gone) {
            return 0; // Since it was found; the training that needs it tells.
        }
    }

    /** What is wrong, in the field that asks for most. */
    Optional<FieldError> fault(DataSize most) {
        if (memory.bytes() <= most.toBytes()) {
            return Optional.empty();
        }
        String much = memory.bytes() == Long.MAX_VALUE
                ? "training takes more values than an array can hold, which are about 2^31"
                : "training takes about %d MB of memory; latentdock.training.max-memory allows %d"
                        .formatted(memory.bytes() >> 20, most.toMegabytes());
        long largest = Math.max(
                Math.max(memory.weights(), memory.codes()),
                Math.max(memory.batch(), Math.max(memory.components(), memory.kept())));
        if (memory.weights() == largest) {
            return fault(wide(), "makes a network of so many weights that %s", much);
        }
        if (memory.codes() == largest) {
            return fault("network.latent", "is %s, for so many examples that %s", Arrays.toString(latent), much);
        }
        if (memory.components() == largest) {
            return begins
                    ? fault("objective.codes", "is pca, for whose components %s; random needs none", much)
                    : fault(
                            "network.latent",
                            "is %s, and for as many principal components to compare with %s",
                            Arrays.toString(latent),
                            much);
        }
        if (memory.batch() == largest) {
            return fault("batchSize", "is %d, with which %s", plan.batchSize(), much);
        }
        return plan.keepCodes() == null
                ? fault("network.latent", "is %s, with whose codes %s", Arrays.toString(latent), much)
                : fault("keepCodes", "is %d, and with codes of %d values each %s", plan.keepCodes(), latentSize, much);
    }

    /** What makes the network large, of what was given. */
    private String wide() {
        List<Integer> hidden = network.hidden();
        if (network.preset() == null) {
            return "network";
        }
        if (hidden == null) {
            // Beside the preset's own widths, the larger end has more of the weights.
            return latentSize > inputSize ? "network.latent" : "network";
        }
        return hidden.stream().allMatch(width -> width < latentSize) ? "network.latent" : "network.hidden";
    }

    private static Optional<FieldError> fault(String field, String told, Object... arguments) {
        return Optional.of(new FieldError(field, "%s %s".formatted(field, told.formatted(arguments))));
    }
}
