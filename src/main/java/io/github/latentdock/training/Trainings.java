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
 * {@link Lease}; both are conditions of the update itself, so it does not matter who else is at it. What requests read and write is
 * here, what workers write in {@link HeldTrainings}.
 */
final class Trainings {

    private static final List<String> ENDED_STATUSES =
            Stream.of(Status.values()).filter(Status::ended).map(Enum::name).toList();

    /** What a transition to an end sets. */
    static final String ENDED = ", ended = :now, images_per_second = null, seconds_left = null";

    private final JdbcClient jdbc;
    private final TrainingRows rows;
    private final InstantSource clock;

    Trainings(JdbcClient jdbc, TrainingRows rows, InstantSource clock) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.clock = clock;
    }

    /** What workers write. */
    HeldTrainings held() {
        return new HeldTrainings(jdbc, this);
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

    private StatementSpec move(String id, Transition transition, String sets) {
        return move(id, transition, sets, "");
    }

    /**
     * An update that finds a row only where the transition begins, and where the condition holds.
     *
     * @param sets more columns, each after a comma
     */
    StatementSpec move(String id, Transition transition, String sets, String condition) {
        return jdbc.sql("update trainings set status = :to, revision = revision + 1, updated = :now" + sets
                        + " where id = :id and status in (:from)" + condition)
                .param("to", transition.to().name())
                .param("from", transition.from().stream().map(Enum::name).toList())
                .param("id", id)
                .param("now", now());
    }

    OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }
}
