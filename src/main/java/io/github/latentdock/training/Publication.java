package io.github.latentdock.training;

import ai.djl.engine.Engine;
import io.github.latentdock.autoencoder.DivergedException;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.registry.Format;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.registry.Model;
import io.github.latentdock.registry.ModelPublisher;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Version;
import io.github.latentdock.registry.VersionDraft;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Makes a finished training the next version of its model, once, whatever happens and whoever else tries.
 *
 * <p>The repository and the table cannot be written in one step, so the order is this. First the files are written and checked,
 * where nobody sees them. Then a number is reserved in the training's row, where every attempt finds the same. Then one
 * transaction moves the row to SUCCEEDED, which locks it and fails unless the attempt is the current one; renames the files to the
 * version of that number; moves the alias; and commits.
 *
 * <ul>
 *   <li>Who lost the training finds no row to move and publishes nothing. Who takes it over waits for the lock.
 *   <li>A crash between the rename and the commit leaves a version and a row that still runs. The next attempt finds a version
 *       whose provenance names the training, and adopts it instead of training.
 *   <li>Should a connection break while the row is locked, two attempts may rename at once. Both want the same number, so one of
 *       them fails, looks at who has it, and adopts it.
 * </ul>
 */
final class Publication {

    private static final Logger log = LoggerFactory.getLogger(Publication.class);

    /** In a version's provenance, the training that made it. */
    static final String TRAINING = "training";

    private final Trainings trainings;
    private final TransactionOperations transactions;
    private final ModelRepository models;
    private final ModelPublisher publisher;
    private final InstantSource clock;

    Publication(
            Trainings trainings,
            TransactionOperations transactions,
            ModelRepository models,
            ModelPublisher publisher,
            InstantSource clock) {
        this.trainings = trainings;
        this.transactions = transactions;
        this.models = models;
        this.publisher = publisher;
        this.clock = clock;
    }

    /**
     * @throws Lease.Lost when it is somebody else's, or was cancelled; nothing is published then
     * @throws Problem when what the loop made is no version
     * @throws TrainingRun.Diverged when what it learned is no number
     */
    void publish(Lease lease, Training training, TrainingLoop loop) {
        String model = training.plan().model();
        try (VersionDraft draft = publisher.draft()) {
            Outcome outcome = outcome(loop, draft);
            draft.seal(manifest(training, outcome));
            int number = trainings.held().reserveVersion(lease, publisher.nextVersion(model));
            while (!publish(lease, training, draft, number)) {
                trainings.held().reserveAnotherVersion(lease, number, publisher.nextVersion(model));
                number = trainings.held().reservedVersion(training.id()).orElseThrow();
            }
        }
    }

    private static Outcome outcome(TrainingLoop loop, VersionDraft draft) {
        try {
            return loop.finish(draft.folder());
        } catch (DivergedException found) {
            throw new TrainingRun.Diverged(found);
        }
    }

    private boolean publish(Lease lease, Training training, VersionDraft draft, int number) {
        boolean published = Boolean.TRUE.equals(transactions.execute(transaction -> {
            trainings.held().succeed(lease, number);
            boolean ours = draft.publish(number) || isOurs(training, number);
            if (!ours) {
                transaction.setRollbackOnly();
                return false;
            }
            moveAlias(training, number);
            return true;
        }));
        if (published) {
            tell(training, number);
        }
        return published;
    }

    /**
     * Ends a training whose version an earlier attempt published before it died.
     *
     * @return false when there is none
     */
    boolean adopt(Lease lease, Training training) {
        Optional<Integer> made = madeBy(training);
        made.ifPresent(number -> {
            transactions.executeWithoutResult(transaction -> {
                trainings.held().adopt(lease, number);
                moveAlias(training, number);
            });
            tell(training, number);
        });
        return made.isPresent();
    }

    private Optional<Integer> madeBy(Training training) {
        Model model = models.scan().models().get(training.plan().model());
        return model == null
                ? Optional.empty()
                : model.versions().keySet().stream()
                        .filter(number -> isOurs(model.versions().get(number), training))
                        .findFirst();
    }

    private boolean isOurs(Training training, int number) {
        Model model = models.scan().models().get(training.plan().model());
        return model != null && isOurs(model.versions().get(number), training);
    }

    private static boolean isOurs(@Nullable Version version, Training training) {
        return version instanceof Version.Sound sound
                && training.id().equals(sound.manifest().provenance().get(TRAINING));
    }

    /** The version is there whatever becomes of its alias. */
    private void moveAlias(Training training, int number) {
        String alias = training.plan().alias();
        if (alias != null) {
            try {
                publisher.setAlias(training.plan().model(), alias, number);
            } catch (RuntimeException e) {
                log.warn("Alias {} stays where it is", alias, e);
                String why = e instanceof Problem problem ? problem.detail() : Failure.told(e) + "; the log tells more";
                trainings.held().note(training.id(), "Alias '%s' stays where it is: %s".formatted(alias, why));
            }
        }
    }

    private static void tell(Training training, int number) {
        log.info(
                "Training {} SUCCEEDED: it is version {} of model {}, and {}",
                training.id(),
                number,
                training.plan().model(),
                training.plan().alias() == null
                        ? "serves where the alias 'default' is not set"
                        : "the alias '%s' stands for it"
                                .formatted(training.plan().alias()));
    }

    private Manifest manifest(Training training, Outcome outcome) {
        return new Manifest(
                training.plan().model(),
                null,
                outcome.kind(),
                Format.SAFETENSORS,
                outcome.input(),
                outcome.latent(),
                outcome.network(),
                Collections.unmodifiableSequencedMap(new TreeMap<>()),
                outcome.metrics(),
                null,
                provenance(training, outcome));
    }

    private Map<String, Object> provenance(Training training, Outcome outcome) {
        Plan plan = training.plan();
        var provenance = new LinkedHashMap<String, Object>();
        provenance.put(TRAINING, training.id());
        provenance.put("dataset", plan.dataset());
        provenance.put("datasetDigest", training.datasetDigest());
        provenance.put("seed", plan.seed());
        if (plan.parent() != null) {
            provenance.put("parent", plan.parent());
            if (training.parentDigest() != null) {
                provenance.put("parentDigest", training.parentDigest());
            }
        }
        provenance.put("plan", plan);
        provenance.put("time", clock.instant().toString());
        provenance.put("java", Runtime.version().toString());
        provenance.put("djl", String.valueOf(Engine.getDjlVersion()));
        provenance.putAll(outcome.provenance());
        return provenance;
    }
}
