package io.github.latentdock.training;

import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * What workers write about the trainings that they hold. The number of the run is a condition of every update: once somebody else has
 * taken a training over, none finds its row.
 */
final class HeldTrainings {

    private final JdbcClient jdbc;
    private final Trainings trainings;

    HeldTrainings(JdbcClient jdbc, Trainings trainings) {
        this.jdbc = jdbc;
        this.trainings = trainings;
    }

    /**
     * Takes a training from the queue, or from a worker that is said to be dead, whatever that was doing. The number of the run is
     * read first and is a condition of the update, so that no two workers ever hold the same.
     *
     * @return empty when it has ended
     * @throws Lease.Lost when somebody else took it meanwhile
     */
    Optional<Lease> begin(String id, String worker) {
        Training found = trainings.find(id).orElse(null);
        while (found != null && !found.status().ended()) {
            var lease = new Lease(id, found.attempt() + 1);
            if (begin(lease, worker)) {
                return Optional.of(lease);
            }
            Training now =
                    trainings.find(id).orElse(null); // Nobody keeps it from being cancelled and deleted meanwhile.
            if (now != null && now.attempt() != found.attempt()) {
                throw new Lease.Lost(lease);
            }
            found = now;
        }
        return Optional.empty();
    }

    private boolean begin(Lease lease, String worker) {
        String taken = ", attempt = attempt + 1, worker = :worker, failure = null, started = coalesce(started, :now)";
        String taxed = taken + ", deaths = deaths + 1";
        var before = new Lease(lease.training(), lease.attempt() - 1);
        return move(before, Transition.BEGIN, taken).param("worker", worker).update() == 1
                || move(before, Transition.TAKE_OVER, taxed)
                                .param("worker", worker)
                                .update()
                        == 1
                || move(before, Transition.TAKE_OVER_CANCELLED, taxed)
                                .param("worker", worker)
                                .update()
                        == 1;
    }

    /**
     * Takes note of a checkpoint. If it is the furthest so far, the workers that died before it are forgotten: whatever killed them
     * does not keep the training from going on.
     *
     * @param steps batches since the beginning
     */
    void saved(Lease lease, long steps) {
        jdbc.sql("update trainings set saved_steps = :steps, deaths = 0"
                        + " where id = :id and attempt = :attempt and saved_steps < :steps")
                .param("id", lease.training())
                .param("attempt", lease.attempt())
                .param("steps", steps)
                .update();
    }

    /** Whether it is still the worker's own, told to stop or not. */
    boolean isHeld(Lease lease) {
        return jdbc.sql("select count(*) from trainings where id = :id and attempt = :attempt"
                                + " and status in ('RUNNING', 'CANCELLING')")
                        .param("id", lease.training())
                        .param("attempt", lease.attempt())
                        .query(Long.class)
                        .single()
                == 1;
    }

    /** Whether it is still the worker's own, and not told to stop. */
    boolean isRunning(Lease lease) {
        return jdbc.sql("select count(*) from trainings where id = :id and status = 'RUNNING' and attempt = :attempt")
                        .param("id", lease.training())
                        .param("attempt", lease.attempt())
                        .query(Long.class)
                        .single()
                == 1;
    }

    /**
     * Writes how far it is.
     *
     * @return false when the worker is told to stop
     * @throws Lease.Lost when somebody else has it
     */
    boolean progress(Lease lease, Progress progress) {
        int updated = underWay(lease, TrainingRows.PROGRESS)
                .params(TrainingRows.parameters(progress))
                .update();
        if (updated != 1) {
            throw new Lease.Lost(lease);
        }
        return trainings.require(lease.training()).status() == Status.RUNNING;
    }

    /**
     * Writes where a run begins, and forgets what runs before it told of later epochs: an older checkpoint than theirs knows nothing
     * of them. To be called in a transaction.
     *
     * @throws Lease.Lost when somebody else has it
     */
    void goOn(Lease lease, Progress progress) {
        progress(lease, progress);
        jdbc.sql("delete from training_epochs where training_id = :id and epoch > :epoch")
                .param("id", lease.training())
                .param("epoch", progress.epoch())
                .update();
    }

    /** @throws Lease.Lost unless the training is the worker's own and was cancelled */
    private void requireCancelled(Lease lease) {
        Training training = trainings.find(lease.training()).orElseThrow(() -> new Lease.Lost(lease));
        if (training.attempt() != lease.attempt() || training.status() != Status.CANCELLING) {
            throw new Lease.Lost(lease);
        }
    }

    /**
     * Writes what an epoch came to, in place of what an earlier attempt wrote; to be called in a transaction.
     *
     * @return as {@link #progress}
     */
    boolean endEpoch(Lease lease, EpochMetrics metrics, Progress progress) {
        boolean goesOn = progress(lease, progress);
        jdbc.sql("delete from training_epochs where training_id = :id and epoch = :epoch")
                .param("id", lease.training())
                .param("epoch", metrics.epoch())
                .update();
        jdbc.sql("""
                insert into training_epochs (training_id, epoch, revision, loss, recon_loss, reg_loss, validation_loss,
                    validation_recon_loss, validation_reg_loss, seconds, images_per_second, ended)
                values (:id, :epoch, :revision, :loss, :recon, :reg, :validation, :validationRecon, :validationReg, :seconds,
                    :images, :now)
                """)
                .param("id", lease.training())
                .param("revision", trainings.require(lease.training()).revision())
                .params(TrainingRows.parameters(metrics))
                .param("now", trainings.now())
                .update();
        return goesOn;
    }

    /**
     * The number under which this training publishes, whichever of its workers does: it is fixed before the first one tries.
     *
     * @param next used when there is none yet
     */
    int reserveVersion(Lease lease, int next) {
        fenced(
                lease,
                underWay(lease, ", reserved_version = coalesce(reserved_version, :next)")
                        .param("next", next)
                        .update());
        return reservedVersion(lease.training()).orElseThrow();
    }

    /** When the number was taken by somebody else, an upload perhaps. */
    void reserveAnotherVersion(Lease lease, int taken, int next) {
        fenced(
                lease,
                underWay(
                                lease,
                                ", reserved_version = case when reserved_version = :taken then :next else reserved_version end")
                        .param("taken", taken)
                        .param("next", next)
                        .update());
    }

    Optional<Integer> reservedVersion(String id) {
        return jdbc.sql("select reserved_version from trainings where id = :id and reserved_version is not null")
                .param("id", id)
                .query(Integer.class)
                .optional();
    }

    /**
     * Holds the row until the transaction ends.
     *
     * @throws Lease.Lost when it is not the worker's own
     * @throws Lease.Cancelled when it is to stop
     */
    void succeed(Lease lease, int version) {
        fenced(
                lease,
                move(lease, Transition.SUCCEED, Trainings.ENDED + ", version = :version")
                        .param("version", version)
                        .update());
    }

    /** As {@link #succeed}, when another attempt has published already. */
    void adopt(Lease lease, int version) {
        fenced(
                lease,
                move(lease, Transition.ADOPT, Trainings.ENDED + ", version = :version")
                        .param("version", version)
                        .update());
    }

    /** What did not work although the training succeeded. */
    void note(String id, String failure) {
        jdbc.sql("update trainings set failure = :failure where id = :id")
                .param("failure", failure)
                .param("id", id)
                .update();
    }

    /** Or stops it, if that was asked for meanwhile. */
    Status fail(Lease lease, String failure) {
        if (move(lease, Transition.FAIL, Trainings.ENDED + ", failure = :failure")
                        .param("failure", failure)
                        .update()
                == 1) {
            return Status.FAILED;
        }
        stop(lease);
        return Status.CANCELLED;
    }

    /** @throws Lease.Lost when it is not the worker's own, or nobody asked for it */
    void stop(Lease lease) {
        if (move(lease, Transition.STOP, Trainings.ENDED).update() != 1) {
            throw new Lease.Lost(lease);
        }
    }

    /** Or stops it, if that was asked for meanwhile. */
    Status giveBack(Lease lease) {
        if (move(lease, Transition.GIVE_BACK, ", images_per_second = null, seconds_left = null")
                        .update()
                == 1) {
            return Status.QUEUED;
        }
        stop(lease);
        return Status.CANCELLED;
    }

    private StatementSpec move(Lease lease, Transition transition, String sets) {
        return trainings
                .move(lease.training(), transition, sets, " and attempt = :attempt")
                .param("attempt", lease.attempt());
    }

    /** A change that leaves the status as it is; also while the worker is about to stop. */
    private StatementSpec underWay(Lease lease, String sets) {
        return jdbc.sql("update trainings set revision = revision + 1, updated = :now" + sets
                        + " where id = :id and status in ('RUNNING', 'CANCELLING') and attempt = :attempt")
                .param("id", lease.training())
                .param("attempt", lease.attempt())
                .param("now", trainings.now());
    }

    private void fenced(Lease lease, int updated) {
        if (updated != 1) {
            requireCancelled(lease);
            throw new Lease.Cancelled(lease);
        }
    }
}
