package io.github.latentdock.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.github.latentdock.autoencoder.Losses;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The table on both databases: only what {@link Transition} allows happens, and only to those who hold the training. */
class TrainingsTest {

    private static final Map<Database, HikariDataSource> DATABASES = new EnumMap<>(Database.class);
    private static final Pinned PINNED = new Pinned(LeastSquares.DIGEST, "0123".repeat(16));
    private static final Progress PROGRESS = new Progress(3, 1, 20, 5, new Losses(3, 2, 1), 100.0, 7.5);

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private JdbcClient jdbc = JdbcClient.create(database(Database.H2));
    private Trainings trainings = new Trainings(jdbc, new TrainingRows(Plans.JSON), () -> now);
    private int submitted;

    private static HikariDataSource database(Database kind) {
        return DATABASES.computeIfAbsent(kind, Database::open);
    }

    private void on(Database kind) {
        jdbc = JdbcClient.create(database(kind));
        trainings = new Trainings(jdbc, new TrainingRows(Plans.JSON), () -> now);
    }

    @AfterEach
    void empty() {
        jdbc.sql("delete from trainings").update();
    }

    private String submit() {
        String id = "training-" + submitted++;
        trainings.insert(id, Plans.plan(), PINNED);
        return id;
    }

    private String in(Status status) {
        String id = submit();
        jdbc.sql("update trainings set status = :status, attempt = 1 where id = :id")
                .param("status", status.name())
                .param("id", id)
                .update();
        return id;
    }

    @ParameterizedTest
    @EnumSource
    void aNewOneIsReadAsItWasWritten(Database kind) {
        on(kind);
        Training training = trainings.require(submit());

        assertThat(training.plan()).isEqualTo(Plans.plan());
        assertThat(training)
                .isEqualTo(new Training(
                        "training-0",
                        Status.QUEUED,
                        Plans.plan(),
                        LeastSquares.DIGEST,
                        PINNED.parent(),
                        1,
                        0,
                        0,
                        null,
                        new Progress(3, 0, 0, 0, null, null, null),
                        null,
                        null,
                        now,
                        null,
                        now,
                        null));
    }

    /** Every operation, and the statuses in which it does something. */
    private static final Map<String, List<Status>> MOVES = Map.of(
            "succeed", List.of(Status.RUNNING),
            "adopt", List.of(Status.RUNNING, Status.CANCELLING),
            "fail", List.of(Status.RUNNING, Status.CANCELLING),
            "giveBack", List.of(Status.RUNNING, Status.CANCELLING),
            "stop", List.of(Status.CANCELLING),
            "begin", List.of(Status.QUEUED, Status.RUNNING, Status.CANCELLING),
            "cancel", List.of(Status.QUEUED, Status.RUNNING),
            "resume", List.of(Status.FAILED, Status.CANCELLED));

    private static Stream<Arguments> moves() {
        return Arrays.stream(Database.values())
                .flatMap(kind -> MOVES.keySet().stream()
                        .flatMap(move ->
                                Arrays.stream(Status.values()).map(status -> Arguments.of(kind, move, status))));
    }

    @ParameterizedTest
    @MethodSource("moves")
    void aTrainingMovesOnlyFromTheStatusesThatAreWrittenDown(Database kind, String move, Status from) {
        on(kind);
        String id = in(from);
        long before = trainings.require(id).revision();

        attempt(move, new Lease(id, 1));

        boolean moved = trainings.require(id).revision() > before;
        assertThat(moved).isEqualTo(requireNonNull(MOVES.get(move)).contains(from));
        if (!moved) {
            assertThat(trainings.require(id).status()).isEqualTo(from);
        }
    }

    private static final List<String> BY_WORKERS = List.of("succeed", "adopt", "fail", "giveBack", "stop");

    private static Stream<Arguments> fenced() {
        return Arrays.stream(Database.values())
                .flatMap(kind -> BY_WORKERS.stream()
                        .flatMap(move -> Stream.of(Status.RUNNING, Status.CANCELLING)
                                .map(status -> Arguments.of(kind, move, status))));
    }

    @ParameterizedTest
    @MethodSource("fenced")
    void aWorkerThatLostItsTrainingMovesNothing(Database kind, String move, Status status) {
        on(kind);
        String id = in(status);
        trainings.held().begin(id, "another");
        Training before = trainings.require(id);

        assertThatExceptionOfType(Lease.Lost.class)
                .isThrownBy(() -> operation(move).accept(new Lease(id, 1)));
        assertThat(trainings.require(id)).isEqualTo(before);
    }

    private void attempt(String move, Lease lease) {
        try {
            operation(move).accept(lease);
        } catch (Lease.Lost | Lease.Cancelled | Problem refused) {
            assertThat(refused.getMessage()).contains(lease.training());
        }
    }

    private Consumer<Lease> operation(String move) {
        var operations = new HashMap<String, Consumer<Lease>>();
        operations.put("succeed", lease -> trainings.held().succeed(lease, 1));
        operations.put("adopt", lease -> trainings.held().adopt(lease, 1));
        operations.put("fail", lease -> trainings.held().fail(lease, "why"));
        operations.put("giveBack", lease -> trainings.held().giveBack(lease));
        operations.put("stop", lease -> trainings.held().stop(lease));
        operations.put("begin", lease -> trainings.held().begin(lease.training(), "worker"));
        operations.put("cancel", lease -> trainings.cancel(lease.training()));
        operations.put("resume", lease -> trainings.resume(lease.training()));
        return requireNonNull(operations.get(move));
    }

    @ParameterizedTest
    @EnumSource
    void everyRunHasANumberOfItsOwnAndDeathsAreCounted(Database kind) {
        on(kind);
        String id = submit();

        assertThat(trainings.held().begin(id, "first")).contains(new Lease(id, 1));
        assertThat(trainings.require(id).deaths()).isZero();
        assertThat(trainings.held().begin(id, "second")).contains(new Lease(id, 2));
        assertThat(trainings.require(id))
                .returns(1, Training::deaths)
                .returns("second", Training::worker)
                .returns(Status.RUNNING, Training::status);
    }

    /** A worker that pauses before any of the statements with which it begins, until another one has taken its training. */
    @ParameterizedTest
    @EnumSource
    void noTwoWorkersHoldTheSameRun(Database kind) {
        on(kind);
        for (int statement = 1; statement <= 4; statement++) {
            for (Status status : List.of(Status.QUEUED, Status.RUNNING)) {
                String id = in(status);
                var held = new ArrayList<Lease>();
                Trainings paused = pausedBefore(
                        statement,
                        () -> held.add(trainings.held().begin(id, "another").orElseThrow()));
                try {
                    held.add(paused.held().begin(id, "paused").orElseThrow());
                } catch (Lease.Lost lost) {
                    assertThat(trainings.require(id).worker()).isEqualTo("another");
                }
                assertThat(held).doesNotHaveDuplicates();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTrainingThatIsGivenBackWhileItIsCancelledIsCancelled(Database kind) {
        on(kind);
        for (int statement = 1; statement <= 4; statement++) {
            String id = in(Status.RUNNING);
            Trainings paused = pausedBefore(statement, () -> trainings.held().giveBack(new Lease(id, 1)));

            assertThat(paused.cancel(id).status()).isIn(Status.CANCELLED, Status.CANCELLING);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTrainingThatIsTakenWhileItIsCancelledIsCancelled(Database kind) {
        on(kind);
        for (int statement = 1; statement <= 2; statement++) {
            String id = in(Status.QUEUED);
            Trainings paused = pausedBefore(statement, () -> trainings.held().begin(id, "worker"));

            assertThat(paused.cancel(id).status()).isIn(Status.CANCELLED, Status.CANCELLING);
        }
    }

    private Trainings pausedBefore(int statement, Runnable meanwhile) {
        return Meanwhile.before(statement, jdbc, meanwhile);
    }

    @ParameterizedTest
    @EnumSource
    void deathsAreForgottenWhenACheckpointIsFurtherThanAllBefore(Database kind) {
        on(kind);
        String id = submit();
        trainings.held().begin(id, "first");
        Lease second = trainings.held().begin(id, "second").orElseThrow();
        assertThat(trainings.require(id).deaths()).isEqualTo(1);

        trainings.held().saved(second, 40);
        assertThat(trainings.require(id).deaths()).isZero();

        Lease third = trainings.held().begin(id, "third").orElseThrow();
        trainings.held().saved(second, 60);
        trainings.held().saved(third, 30);
        trainings.held().saved(third, 40);
        assertThat(trainings.require(id).deaths()).isEqualTo(1);
        trainings.held().saved(third, 41);
        assertThat(trainings.require(id).deaths()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void progressIsWrittenByTheCurrentWorkerOnly(Database kind) {
        on(kind);
        String id = submit();
        Lease first = trainings.held().begin(id, "first").orElseThrow();
        assertThat(trainings.held().progress(first, PROGRESS)).isTrue();
        assertThat(trainings.require(id).progress()).isEqualTo(PROGRESS);

        Lease second = trainings.held().begin(id, "second").orElseThrow();
        assertThatExceptionOfType(Lease.Lost.class)
                .isThrownBy(() -> trainings.held().progress(first, Progress.NONE));
        assertThat(trainings.require(id).progress()).isEqualTo(PROGRESS);

        trainings.cancel(id);
        assertThat(trainings.held().progress(second, Progress.NONE)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void anEpochThatIsTrainedAgainIsWrittenOnce(Database kind) {
        on(kind);
        var transactions = new TransactionTemplate(new JdbcTransactionManager(database(kind)));
        String id = submit();
        Lease lease = trainings.held().begin(id, "first").orElseThrow();
        var metrics = new EpochMetrics(1, new Losses(3, 2, 1), new Losses(4, 3, 1), 2.5, 80);
        transactions.execute(transaction -> trainings.held().endEpoch(lease, metrics, PROGRESS));
        Lease next = trainings.held().begin(id, "second").orElseThrow();
        var again = new EpochMetrics(1, new Losses(3, 2, 1), null, 5, 40);
        transactions.execute(transaction -> trainings.held().endEpoch(next, again, PROGRESS));

        long revision = trainings.require(id).revision();
        assertThat(trainings.epochs(id))
                .containsExactly(new TrainingEpoch(revision, 1, again.training(), null, 5, 40, now));
        assertThat(trainings.epochsAfter(id, revision - 1)).hasSize(1);
        assertThat(trainings.epochsAfter(id, revision)).isEmpty();
    }

    /** A checkpoint was lost, so that epochs 2 and 3 are trained again. */
    @ParameterizedTest
    @EnumSource
    void aRunThatGoesOnFromBeforeAnEpochForgetsIt(Database kind) {
        on(kind);
        var transactions = new TransactionTemplate(new JdbcTransactionManager(database(kind)));
        String id = submit();
        String other = submit();
        Lease first = trainings.held().begin(id, "first").orElseThrow();
        Lease others = trainings.held().begin(other, "first").orElseThrow();
        for (int epoch = 1; epoch <= 3; epoch++) {
            var metrics = new EpochMetrics(epoch, new Losses(3, 2, 1), null, 2.5, 80);
            transactions.execute(transaction -> trainings.held().endEpoch(first, metrics, PROGRESS));
            transactions.execute(transaction -> trainings.held().endEpoch(others, metrics, PROGRESS));
        }
        long told = trainings.require(id).revision();
        Lease second = trainings.held().begin(id, "second").orElseThrow();
        transactions.executeWithoutResult(transaction -> trainings.held().goOn(second, PROGRESS));

        assertThat(trainings.epochs(id)).extracting(TrainingEpoch::epoch).containsExactly(1);
        assertThat(trainings.epochs(other)).hasSize(3);
        assertThat(trainings.require(id).progress()).isEqualTo(PROGRESS);
        assertThat(trainings.epochsAfter(id, told)).isEmpty();
        assertThat(trainings.require(id).revision()).isGreaterThan(told);
        assertThatExceptionOfType(Lease.Lost.class)
                .isThrownBy(() -> trainings.held().goOn(first, Progress.NONE));
        assertThat(trainings.epochs(id)).hasSize(1);
    }

    private static Stream<Arguments> statuses() {
        return Arrays.stream(Database.values())
                .flatMap(kind -> Arrays.stream(Status.values()).map(status -> Arguments.of(kind, status)));
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void onlyWhatHasEndedIsDeleted(Database kind, Status status) {
        on(kind);
        String id = in(Status.RUNNING);
        String other = in(Status.FAILED);
        trainings.held().endEpoch(new Lease(id, 1), new EpochMetrics(1, new Losses(3, 2, 1), null, 2.5, 80), PROGRESS);
        jdbc.sql("update trainings set status = :status where id = :id")
                .param("status", status.name())
                .param("id", id)
                .update();

        assertThat(trainings.delete(id)).isEqualTo(status.ended());
        assertThat(trainings.find(id).isPresent()).isNotEqualTo(status.ended());
        assertThat(trainings.epochs(id)).hasSize(status.ended() ? 0 : 1);
        assertThat(trainings.find(other)).isPresent();
        assertThat(trainings.delete("nothing")).isFalse();
    }

    /** Whoever holds the row deletes it; who wanted to resume it meanwhile finds nothing. */
    @ParameterizedTest
    @EnumSource
    void whatIsResumedWhileItIsDeletedIsGone(Database kind) {
        on(kind);
        var transactions = new TransactionTemplate(new JdbcTransactionManager(database(kind)));
        String id = in(Status.FAILED);
        CompletableFuture<Training> resumed = requireNonNull(transactions.execute(transaction -> {
            trainings.lock(id);
            var meanwhile = CompletableFuture.supplyAsync(() -> trainings.resume(id));
            assertThat(trainings.delete(id)).isTrue();
            return meanwhile;
        }));

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(resumed::join)
                .havingCause()
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.fault()).isEqualTo(Fault.NOT_FOUND));
    }

    @ParameterizedTest
    @EnumSource
    void whatWasCancelledAndDeletedWhileAWorkerTakesItIsNotBegun(Database kind) {
        on(kind);
        String id = in(Status.QUEUED);
        Trainings paused = pausedBefore(2, () -> {
            trainings.cancel(id);
            trainings.delete(id);
        });

        assertThat(paused.held().begin(id, "paused")).isEmpty();
        assertThat(trainings.find(id)).isEmpty();
    }

    /** Such as a row that an older service wrote, before parents were pinned. */
    @ParameterizedTest
    @EnumSource
    void aTableOfAnOlderServiceIsBroughtUpToDate(Database kind) {
        try (HikariDataSource older = Database.connect(kind.url())) {
            Database.migrate(older, "2");
            JdbcClient.create(older)
                    .sql("""
                            insert into trainings (id, status, model, plan, dataset_digest, revision, attempt, deaths, epochs, epoch,
                                steps_per_epoch, step, created, updated)
                            values ('old', 'QUEUED', 'lines', :plan, 'd', 1, 0, 0, 3, 0, 0, 0, :now, :now)
                            """)
                    .param("plan", Plans.JSON.writeValueAsString(Plans.plan(Map.of("parent", "lines@1"))))
                    .param("now", now.atOffset(ZoneOffset.UTC))
                    .update();
            Database.migrate(older);

            var table = new Trainings(JdbcClient.create(older), new TrainingRows(Plans.JSON), () -> now);
            assertThat(table.require("old").pinned()).isEqualTo(new Pinned("d", null));
        }
    }

    @ParameterizedTest
    @EnumSource
    void allAttemptsPublishUnderTheSameNumber(Database kind) {
        on(kind);
        String id = submit();
        Lease first = trainings.held().begin(id, "first").orElseThrow();
        assertThat(trainings.held().reserveVersion(first, 4)).isEqualTo(4);
        Lease second = trainings.held().begin(id, "second").orElseThrow();
        assertThat(trainings.held().reserveVersion(second, 9)).isEqualTo(4);
        assertThatExceptionOfType(Lease.Lost.class)
                .isThrownBy(() -> trainings.held().reserveVersion(first, 5));

        trainings.held().reserveAnotherVersion(second, 4, 9);
        assertThat(trainings.held().reservedVersion(id)).contains(9);
        assertThat(trainings.require(id).version()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void pagesGoFromTheNewestToTheOldest(Database kind) {
        on(kind);
        for (int i = 0; i < 5; i++) {
            submit();
            now = i == 2 ? now : now.plus(Duration.ofSeconds(1)); // Two are of the same moment.
        }
        List<Training> first = trainings.list(null, null, 2);
        List<Training> second = trainings.list(null, first.getLast(), 2);
        List<Training> third = trainings.list(null, second.getLast(), 2);

        assertThat(Stream.of(first, second, third).flatMap(List::stream).map(Training::id))
                .containsExactly("training-4", "training-3", "training-2", "training-1", "training-0");
        trainings.cancel("training-3");
        assertThat(trainings.list(Status.CANCELLED, null, 9))
                .extracting(Training::id)
                .containsExactly("training-3");
        assertThat(trainings.count()).containsOnly(Map.entry(Status.QUEUED, 4L), Map.entry(Status.CANCELLED, 1L));
    }

    @ParameterizedTest
    @EnumSource
    void whatHasEndedIsNotCancelled(Database kind) {
        on(kind);
        String id = in(Status.SUCCEEDED);

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> trainings.cancel(id))
                .withMessage("Training '%s' is SUCCEEDED already, there is nothing to cancel".formatted(id))
                .satisfies(problem -> assertThat(problem.fault()).isEqualTo(Fault.CONFLICT));
    }

    @ParameterizedTest
    @EnumSource
    void onlyWhatFailedOrWasCancelledIsResumed(Database kind) {
        on(kind);
        String id = in(Status.RUNNING);

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> trainings.resume(id))
                .withMessage(
                        "Training '%s' is RUNNING; only one that is FAILED or CANCELLED can be resumed".formatted(id));
    }
}
