package io.github.latentdock.training;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * The table of trainings, which is the truth about them. A row changes only along a {@link Transition}, or under a worker's
 * {@link Lease}; both are conditions of the update itself, so it does not matter who else is at it.
 */
final class Trainings {

    private final JdbcClient jdbc;
    private final TrainingRows rows;
    private final InstantSource clock;

    Trainings(JdbcClient jdbc, TrainingRows rows, InstantSource clock) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.clock = clock;
    }

    /** A new one in the queue. */
    void insert(String id, Plan plan, Pinned pinned) {
        jdbc.sql("""
                insert into trainings (id, status, model, plan, dataset_digest, parent_digest, revision, attempt, deaths, epochs,
                    epoch, steps_per_epoch, step, created, updated)
                values (:id, 'QUEUED', :model, :plan, :dataset, :parent, 1, 0, 0, :epochs, 0, 0, 0, :now, :now)
                """)
                .param("id", id)
                .param("model", plan.model())
                .param("plan", rows.json(plan))
                .param("dataset", pinned.dataset())
                .param("parent", pinned.parent())
                .param("epochs", plan.epochs())
                .param("now", now())
                .update();
    }

    Optional<Training> find(String id) {
        return jdbc.sql("select * from trainings where id = :id")
                .param("id", id)
                .query(rows)
                .optional();
    }

    /** @throws Problem NOT_FOUND */
    Training require(String id) {
        return find(id).orElseThrow(
                        () -> Problem.of(Fault.NOT_FOUND, "There is no training '%s'".formatted(Words.shortened(id))));
    }

    /**
     * Newest first.
     *
     * @param status null for all
     * @param before the training that the page before ended with; null for the first page
     */
    List<Training> list(@Nullable Status status, @Nullable Training before, int limit) {
        StatementSpec query = jdbc.sql("select * from trainings where true"
                        + (status == null ? "" : " and status = :status")
                        + (before == null ? "" : " and (created < :created or created = :created and id < :id)")
                        + " order by created desc, id desc limit :limit")
                .param("limit", limit);
        if (status != null) {
            query = query.param("status", status.name());
        }
        if (before != null) {
            query = query.param("created", before.created().atOffset(ZoneOffset.UTC))
                    .param("id", before.id());
        }
        return query.query(rows).list();
    }

    Map<Status, Long> count() {
        var counts = new EnumMap<Status, Long>(Status.class);
        jdbc.sql("select status, count(*) as trainings from trainings group by status")
                .query(row -> {
                    counts.put(Status.valueOf(row.getString("status")), row.getLong("trainings"));
                });
        return counts;
    }

    long queued() {
        return jdbc.sql("select count(*) from trainings where status = 'QUEUED'")
                .query(Long.class)
                .single();
    }

    List<TrainingEpoch> epochs(String id) {
        return epochsAfter(id, 0);
    }

    /** Those that were written since a revision, in the order in which they were. */
    List<TrainingEpoch> epochsAfter(String id, long revision) {
        return jdbc.sql("select * from training_epochs where training_id = :id and revision > :revision"
                        + " order by revision, epoch")
                .param("id", id)
                .param("revision", revision)
                .query(TrainingEpoch::of)
                .list();
    }

    /** Locks the row until the transaction ends, so that nobody moves it meanwhile; its status. */
    Optional<Status> lock(String id) {
        return jdbc.sql("select status from trainings where id = :id for update")
                .param("id", id)
                .query(String.class)
                .optional()
                .map(Status::valueOf);
    }

    /**
     * Takes a training from the queue, or from a worker that is said to be dead, whatever that was doing. The number of the run is
     * read first and is a condition of the update, so that no two workers ever hold the same.
     *
     * @return empty when it has ended
     * @throws Lease.Lost when somebody else took it meanwhile
     */
    Optional<Lease> begin(String id, String worker) {
        Training found = find(id).orElse(null);
        while (found != null && !found.status().ended()) {
            var lease = new Lease(id, found.attempt() + 1);
            if (begin(lease, worker)) {
                return Optional.of(lease);
            }
            Training now = find(id).orElse(null); // Nobody keeps it from being cancelled and deleted meanwhile.
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

    private static final List<String> ENDED_STATUSES =
            Stream.of(Status.values()).filter(Status::ended).map(Enum::name).toList();

    private static final String ENDED = ", ended = :now, images_per_second = null, seconds_left = null";

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
        return require(lease.training()).status() == Status.RUNNING;
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
        Training training = find(lease.training()).orElseThrow(() -> new Lease.Lost(lease));
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
                .param("revision", require(lease.training()).revision())
                .params(TrainingRows.parameters(metrics))
                .param("now", now())
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
                move(lease, Transition.SUCCEED, ENDED + ", version = :version")
                        .param("version", version)
                        .update());
    }

    /** As {@link #succeed}, when another attempt has published already. */
    void adopt(Lease lease, int version) {
        fenced(
                lease,
                move(lease, Transition.ADOPT, ENDED + ", version = :version")
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
        if (move(lease, Transition.FAIL, ENDED + ", failure = :failure")
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
        if (move(lease, Transition.STOP, ENDED).update() != 1) {
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

    /** @throws Problem NOT_FOUND; CONFLICT when it has ended */
    Training cancel(String id) {
        // A worker may give it back, or take it, between the two: then once more.
        while (move(id, Transition.CANCEL_QUEUED, ENDED).update() == 0
                && move(id, Transition.CANCEL_RUNNING, "").update() == 0) {
            Training training = require(id);
            if (training.status().ended()) {
                throw Problem.of(
                        Fault.CONFLICT,
                        "Training '%s' is %s already, there is nothing to cancel".formatted(id, training.status()));
            }
            if (training.status() == Status.CANCELLING) {
                return training;
            }
        }
        return require(id);
    }

    /** @throws Problem NOT_FOUND; CONFLICT when it did not end, or succeeded */
    Training resume(String id) {
        if (move(id, Transition.RESUME, ", deaths = 0, failure = null, ended = null")
                        .update()
                == 0) {
            Status status = require(id).status();
            throw Problem.of(
                    Fault.CONFLICT,
                    "Training '%s' is %s; only one that is FAILED or CANCELLED can be resumed".formatted(id, status));
        }
        return require(id);
    }

    /**
     * Removes one that has ended, with its epochs.
     *
     * @return false when there is none, or it has not
     */
    boolean delete(String id) {
        return jdbc.sql("delete from trainings where id = :id and status in (:ended)")
                        .param("id", id)
                        .param("ended", ENDED_STATUSES)
                        .update()
                == 1;
    }

    private StatementSpec move(Lease lease, Transition transition, String sets) {
        return move(lease.training(), transition, sets, " and attempt = :attempt")
                .param("attempt", lease.attempt());
    }

    private StatementSpec move(String id, Transition transition, String sets) {
        return move(id, transition, sets, "");
    }

    private StatementSpec move(String id, Transition transition, String sets, String condition) {
        return jdbc.sql("update trainings set status = :to, revision = revision + 1, updated = :now" + sets
                        + " where id = :id and status in (:from)" + condition)
                .param("to", transition.to().name())
                .param("from", transition.from().stream().map(Enum::name).toList())
                .param("id", id)
                .param("now", now());
    }

    /** A change that leaves the status as it is; also while the worker is about to stop. */
    private StatementSpec underWay(Lease lease, String sets) {
        return jdbc.sql("update trainings set revision = revision + 1, updated = :now" + sets
                        + " where id = :id and status in ('RUNNING', 'CANCELLING') and attempt = :attempt")
                .param("id", lease.training())
                .param("attempt", lease.attempt())
                .param("now", now());
    }

    private void fenced(Lease lease, int updated) {
        if (updated != 1) {
            requireCancelled(lease);
            throw new Lease.Cancelled(lease);
        }
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }
}
