package io.github.latentdock.training;

import io.github.latentdock.problem.Problem;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Runs trainings that it is given, each on the thread that gives it. Whatever happens to one, its row tells; only when the database
 * cannot be reached, an exception does.
 */
final class Worker {

    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    /** A training that killed so many workers would kill the next one, too. */
    static final int MOST_DEATHS = 3;

    private final WorkerParts parts;
    private final String name;
    private final Set<String> cancelled = ConcurrentHashMap.newKeySet();

    Worker(WorkerParts parts) {
        this(parts, ManagementFactory.getRuntimeMXBean().getName());
    }

    Worker(WorkerParts parts, String name) {
        this.parts = parts;
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Stops a training that runs here within a batch; the row must tell already. */
    void cancel(String id) {
        cancelled.add(id);
    }

    /** To be called before the first training, where no other process has any. */
    void removeLeftovers() {
        for (String id : parts.checkpoints().trainings()) {
            boolean goesOn = parts.trainings()
                    .find(id)
                    .filter(training -> training.status() != Status.SUCCEEDED)
                    .isPresent();
            if (!goesOn) {
                parts.checkpoints().deleteAll(id);
            }
        }
        parts.checkpoints().removeLeftovers(Instant.MAX);
    }

    /**
     * Runs a training as far as it goes.
     *
     * @param letGo why this worker has to give it back; null while it need not
     * @throws DataAccessException when its row could not be written; somebody has to try again
     * @throws Lease.Lost when somebody else has it now
     */
    void run(String id, Supplier<@Nullable String> letGo) {
        cancelled.remove(id);
        Optional<Lease> taken = parts.trainings().held().begin(id, name);
        if (taken.isEmpty()) {
            log.info("Training {} has ended already and needs no worker", id);
            // The one before may have died just when it was about to tidy up.
            parts.trainings()
                    .find(id)
                    .filter(training -> training.status() == Status.SUCCEEDED)
                    .ifPresent(training -> parts.checkpoints().deleteAll(id));
            return;
        }
        Lease lease = taken.get();
        Training training = parts.trainings().require(id);
        try {
            run(lease, training, new Orders() {
                @Override
                public boolean cancelled() {
                    return cancelled.contains(id);
                }

                @Override
                public @Nullable String letGo() {
                    return letGo.get();
                }
            });
        } catch (DataAccessException | TransactionException | Lease.Lost e) {
            throw e;
        } catch (Lease.Cancelled e) {
            // By the worker before, or when there was only the publication to be done: where it stopped is saved.
            parts.trainings().held().stop(lease);
            log.info("Training {} is CANCELLED; it can be resumed", id);
        } catch (Problem | TrainingRun.Diverged e) {
            fail(lease, training, String.valueOf(e.getMessage()));
        } catch (Throwable e) {
            log.error("Training {} failed in attempt {}", id, lease.attempt(), e);
            fail(lease, training, "An error of the service: %s; its log tells more".formatted(Failure.told(e)));
        } finally {
            cancelled.remove(id);
            parts.meters().idle(training.plan().model());
        }
    }

    private void run(Lease lease, Training training, Orders orders) {
        if (parts.publication().adopt(lease, training)) {
            parts.checkpoints().deleteAll(training.id());
            return;
        }
        if (training.status() == Status.CANCELLING) {
            throw new Lease.Cancelled(lease);
        }
        if (training.deaths() >= MOST_DEATHS) {
            fail(
                    lease,
                    training,
                    "%d workers died while they trained it, none of which came further than the one before, the last one in epoch %d; what they had in common is this plan: its batches or its network may need more memory than a worker has"
                            .formatted(training.deaths(), training.progress().epoch() + 1));
            return;
        }
        var interest = new Interest(lease, orders, parts.trainings(), parts.clock());
        try (TrainingLoop loop = open(lease, training, interest)) {
            var run = new TrainingRun(lease, training, parts, orders);
            switch (run.train(loop)) {
                case FINISHED -> {
                    parts.publication().publish(lease, training, loop);
                    parts.checkpoints().deleteAll(training.id());
                }
                case CANCELLED -> {
                    parts.trainings().held().stop(lease);
                    log.info(
                            "Training {} is cancelled after {} epochs; it can be resumed from there",
                            training.id(),
                            loop.epoch());
                }
                case INTERRUPTED -> {
                    Status status = parts.trainings().held().giveBack(lease);
                    log.info(
                            "Training {} is {} after {} epochs and {} batches: {}; it goes on from there",
                            training.id(),
                            status,
                            loop.epoch(),
                            loop.step(),
                            Objects.requireNonNullElse(orders.letGo(), "it was cancelled"));
                }
            }
        } catch (CancellationException unwanted) {
            // Before its first batch or after its last: there is nothing to save that is not saved.
            Status status = parts.trainings().held().giveBack(lease);
            log.info("Training {} is {}; it goes on from its last checkpoint", training.id(), status);
        }
    }

    /** From the newest checkpoint that can be read, else from the beginning. */
    private TrainingLoop open(Lease lease, Training training, Interest interest) {
        for (Checkpoints.Checkpoint checkpoint : parts.checkpoints().list(training.id())) {
            try {
                Checksums.verify(checkpoint.folder());
                TrainingLoop loop =
                        parts.loops().resume(training.plan(), training.pinned(), checkpoint.folder(), interest);
                log.info(
                        "Training {} of model {} goes on after {} epochs and {} batches, in attempt {}",
                        training.id(),
                        training.plan().model(),
                        loop.epoch(),
                        loop.step(),
                        lease.attempt());
                return loop;
            } catch (Problem | CancellationException | DataAccessException e) {
                throw e;
            } catch (Checksums.Mismatch spoilt) {
                log.warn(
                        "{} is not what was saved and is removed, an older checkpoint is tried: {}",
                        checkpoint.folder(),
                        spoilt.getMessage());
                parts.checkpoints().delete(checkpoint); // In its place the older one is kept.
            } catch (RuntimeException e) {
                log.warn("{} cannot be read, an older checkpoint is tried: {}", checkpoint.folder(), e.toString());
            }
        }
        TrainingLoop loop = parts.loops().start(training.plan(), training.pinned(), interest);
        log.info(
                "Training {} of model {} begins, in attempt {}: {} epochs of {} batches",
                training.id(),
                training.plan().model(),
                lease.attempt(),
                loop.epochs(),
                loop.stepsPerEpoch());
        return loop;
    }

    private void fail(Lease lease, Training training, String failure) {
        Status status = parts.trainings().held().fail(lease, failure);
        log.warn(
                "Training {} of model {} is {}: {}",
                training.id(),
                training.plan().model(),
                status,
                failure);
    }
}
