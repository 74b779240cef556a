package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.NetworkPlan;
import io.github.latentdock.autoencoder.NetworkPlan.Declared;
import io.github.latentdock.autoencoder.SavedCodes;
import io.github.latentdock.autoencoder.TrainingMemory;
import io.github.latentdock.autoencoder.TrainingSettings;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.registry.Version;
import io.github.latentdock.storage.FileDigest;
import io.github.latentdock.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** A plan that the memory does not hold would end the whole process, and every other that takes it over. */
final class MemoryCheck {

    private final Plan plan;
    private final NetworkPlan network;
    private final int[] latent;
    private final long latentSize;
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
        FileDigest codes = parent == null ? null : parent.manifest().files().get(SavedCodes.FILE);
        long old = codes == null ? 0 : codes.bytes() / Float.BYTES / latentSize;
        this.memory = TrainingMemory.of(
                declared.network(),
                settings,
                examples,
                old,
                KeptCodes.count(plan, latentSize, plan.objective().kind() == Kind.AD ? examples + old : examples));
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
            boolean isLatent =
                    network.hidden() != null && network.hidden().stream().allMatch(width -> width < latentSize);
            String field = network.preset() == null ? "network" : isLatent ? "network.latent" : "network.hidden";
            return fault(field, "makes a network of so many weights that %s", much);
        }
        if (memory.codes() == largest) {
            return fault("network.latent", "is %s, for so many examples that %s", Arrays.toString(latent), much);
        }
        if (memory.components() == largest) {
            return fault("objective.codes", "is pca, for whose components %s; random needs none", much);
        }
        if (memory.batch() == largest) {
            return fault("batchSize", "is %d, with which %s", plan.batchSize(), much);
        }
        return plan.keepCodes() == null
                ? fault("network.latent", "is %s, with whose codes %s", Arrays.toString(latent), much)
                : fault("keepCodes", "is %d, and with codes of %d values each %s", plan.keepCodes(), latentSize, much);
    }

    private static Optional<FieldError> fault(String field, String told, Object... arguments) {
        return Optional.of(new FieldError(field, "%s %s".formatted(field, told.formatted(arguments))));
    }
}
