package io.github.latentdock.training;

import io.github.latentdock.autoencoder.SavedCodes;
import io.github.latentdock.autoencoder.TrainedState;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Version;
import io.github.latentdock.storage.FileDigest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The versions that plans go on from. A number may be given again when its version was deleted, so a version is known by its files. */
final class Parents {

    private static final String FIELD = "parent";

    /** What a training reads of its parent, in the order in which a shell lists them. */
    private static final List<String> READ = List.of(SavedCodes.FILE, "weights.safetensors");

    private final ModelRepository models;

    Parents(ModelRepository models) {
        this.models = models;
    }

    /**
     * The parent that a plan names.
     *
     * @param faults takes why there is none
     * @return null where the plan names none, or it cannot be had
     */
    Version.@Nullable Sound find(Plan plan, List<FieldError> faults) {
        String parent = plan.parent();
        if (parent == null) {
            return null;
        }
        int at = parent.indexOf('@');
        try {
            return switch (models.scan().model(parent.substring(0, at)).version(parent.substring(at + 1))) {
                case Version.Sound sound -> sound;
                case Version.Faulty(var model, var number, var reason) -> {
                    faults.add(new FieldError(FIELD, "%s cannot be gone on from: %s".formatted(parent, reason)));
                    yield null;
                }
            };
        } catch (Problem unknown) {
            faults.add(new FieldError(FIELD, unknown.detail()));
            return null;
        }
    }

    /**
     * What a version is known by: the SHA-256 of what {@code sha256sum codes.safetensors weights.safetensors} prints in its folder. As
     * its manifest tells; what that does not tell is read.
     *
     * @param faults takes why there is none
     */
    @Nullable
    String digest(Version.Sound parent, List<FieldError> faults) {
        try {
            return digest(parent, parent.manifest().files());
        } catch (UncheckedIOException e) {
            faults.add(new FieldError(
                    FIELD, "%s@%d cannot be read: %s".formatted(parent.model(), parent.number(), Failure.told(e))));
            return null;
        }
    }

    private static String digest(Version.Sound parent, Map<String, FileDigest> known) {
        var lines = new StringBuilder();
        for (String name : READ) {
            var file = parent.folder().resolve(name);
            FileDigest digest = known.get(name);
            if (digest == null && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                digest = FileDigest.of(file);
            }
            if (digest != null) {
                lines.append(digest.sha256()).append("  ").append(name).append('\n');
            }
        }
        try {
            return FileDigest.of(new ByteArrayInputStream(lines.toString().getBytes(StandardCharsets.UTF_8)))
                    .sha256();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The parent, every byte of it looked at.
     *
     * @param pinned the digest that it must have; null where nobody noted it
     * @return null where the plan names none
     * @throws Problem when it is gone, or is not what it was
     */
    Version.@Nullable Sound requireAsItWas(Plan plan, @Nullable String pinned) {
        var faults = new ArrayList<FieldError>();
        Version.Sound parent = find(plan, faults);
        if (!faults.isEmpty()) {
            throw gone(plan, pinned, faults.getFirst().detail());
        }
        if (parent != null) {
            String now = digest(parent, verified(plan, parent, pinned));
            if (pinned != null && !pinned.equals(now)) {
                throw another(plan, pinned, now);
            }
        }
        return parent;
    }

    private Map<String, FileDigest> verified(Plan plan, Version.Sound parent, @Nullable String pinned) {
        try {
            return models.verify(parent);
        } catch (Problem changed) {
            throw gone(plan, pinned, changed.detail());
        }
    }

    /**
     * What the parent's training had learned.
     *
     * @return null where there is no parent
     * @throws Problem when its files changed since they were looked at
     */
    @Nullable
    TrainedState trained(Blueprint blueprint, @Nullable String pinned) {
        Version.Sound parent = blueprint.parent();
        if (parent == null) {
            return null;
        }
        Object variance = parent.manifest().metrics().get("decoderVariance");
        try {
            TrainedState trained = TrainedState.read(
                    blueprint.declared().network(),
                    parent.folder(),
                    variance instanceof Number number ? number.doubleValue() : Double.NaN);
            // A version that did not change is the same object, so what was looked at is what was read.
            if (find(blueprint.plan(), new ArrayList<>()) == parent) {
                return trained;
            }
            throw gone(blueprint.plan(), pinned, "it was changed while it was read");
        } catch (UncheckedIOException e) {
            throw gone(blueprint.plan(), pinned, Failure.told(e));
        }
    }

    private static Problem gone(Plan plan, @Nullable String pinned, String why) {
        return Problem.invalid(
                FIELD,
                "The parent %s%s is needed, and cannot be gone on from: %s; put it back as it was, then resume"
                        .formatted(plan.parent(), pinned == null ? "" : " of digest " + pinned, why));
    }

    private static Problem another(Plan plan, String pinned, String now) {
        return Problem.invalid(
                FIELD,
                "The parent %s is another version now, of digest %s; the plan was taken with the one of digest %s: put that one back and resume, or send the plan again to go on from what is there now"
                        .formatted(plan.parent(), now, pinned));
    }
}
