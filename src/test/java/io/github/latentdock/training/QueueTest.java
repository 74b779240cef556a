package io.github.latentdock.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.kagkarlsson.scheduler.testhelper.ManualScheduler;
import com.github.kagkarlsson.scheduler.testhelper.SettableClock;
import com.github.kagkarlsson.scheduler.testhelper.TestHelper;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The queue and its leases, on both databases, with a clock that the test turns. */
class QueueTest {

    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    /** Of the manual scheduler. */
    private static final int MISSED_HEARTBEATS = 6;

    @TempDir
    Path folder = Path.of("");

    private final SettableClock clock = new SettableClock();
    private Consumer<LeastSquares.Loop> atEachStep = loop -> {};
    private Runnable atClose = () -> {};

    private House open(Database kind) {
        clock.set(Instant.parse("2026-01-01T00:00:00Z"));
        return new House(
                kind.open(),
                folder,
                new LeastSquares(loop -> atEachStep.accept(loop), () -> atClose.run()),
                clock::now,
                House.properties(folder));
    }

    private ManualScheduler scheduler(House house) {
        var builder = TestHelper.createManualScheduler(house.database, house.queue.task());
        builder.clock(clock).heartbeatInterval(HEARTBEAT);
        return builder.build();
    }

    private static List<String> queued(House house) {
        return house.jdbc
                .sql("select task_instance from scheduled_tasks")
                .query((row, number) -> requireNonNull(row.getString(1)))
                .list();
    }

    /** What a worker leaves behind that is killed: a lease that nobody renews, and a row that runs. */
    private void killWorkerOf(House house, String id) {
        house.trainings.held().begin(id, "dead");
        pick(house, id);
    }

    private void pick(House house, String id) {
        house.jdbc
                .sql(
                        "update scheduled_tasks set picked = true, picked_by = 'dead', last_heartbeat = :now where task_instance = :id")
                .param("now", clock.now().atOffset(java.time.ZoneOffset.UTC))
                .param("id", id)
                .update();
    }

    @ParameterizedTest
    @EnumSource
    void aTrainingIsTakenInItsTurnAndLeavesTheQueue(Database kind) {
        try (House house = open(kind)) {
            String first = house.submit(Plans.plan()).id();
            clock.tick(Duration.ofSeconds(1));
            String second = house.submit(Plans.plan()).id();
            scheduler(house).runAnyDueExecutions();

            assertThat(queued(house)).isEmpty();
            assertThat(house.trainings.require(first).version()).isEqualTo(1);
            assertThat(house.trainings.require(second).version()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDeadWorkersTrainingIsTakenOverAfterSomeMissedHeartbeats(Database kind) {
        try (House house = open(kind)) {
            String id = house.submit(Plans.plan()).id();
            killWorkerOf(house, id);
            ManualScheduler scheduler = scheduler(house);

            clock.tick(HEARTBEAT.multipliedBy(MISSED_HEARTBEATS).minusSeconds(1));
            scheduler.runDeadExecutionDetection();
            scheduler.runAnyDueExecutions();
            assertThat(house.trainings.require(id).worker()).isEqualTo("dead");

            clock.tick(Duration.ofSeconds(2));
            scheduler.runDeadExecutionDetection();
            scheduler.runAnyDueExecutions();
            assertThat(house.trainings.require(id))
                    .returns(Status.SUCCEEDED, Training::status)
                    .returns(2, Training::attempt)
                    .returns(0, Training::deaths); // It came further than the one that died.
            assertThat(house.weights("lines", 1)).isEqualTo(LeastSquares.weights(Plans.plan()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterThreeDeadWorkersItFails(Database kind) {
        try (House house = open(kind)) {
            String id = house.submit(Plans.plan()).id();
            ManualScheduler scheduler = scheduler(house);
            for (int i = 0; i < Worker.MOST_DEATHS; i++) {
                killWorkerOf(house, id);
                clock.tick(Duration.ofMinutes(5));
                scheduler.runDeadExecutionDetection();
            }
            scheduler.runAnyDueExecutions();

            assertThat(house.trainings.require(id).status()).isEqualTo(Status.FAILED);
            assertThat(house.trainings.require(id).failure()).startsWith("3 workers died");
            assertThat(queued(house)).isEmpty();
        }
    }

    /** One that died while it was told to stop. */
    @ParameterizedTest
    @EnumSource
    void aCancelledTrainingOfADeadWorkerIsStoppedByTheNext(Database kind) {
        try (House house = open(kind)) {
            String id = house.submit(Plans.plan()).id();
            killWorkerOf(house, id);
            house.queue.cancel(id);
            assertThat(house.trainings.require(id).status()).isEqualTo(Status.CANCELLING);

            clock.tick(Duration.ofMinutes(5));
            ManualScheduler scheduler = scheduler(house);
            scheduler.runDeadExecutionDetection();
            scheduler.runAnyDueExecutions();
            assertThat(house.trainings.require(id).status()).isEqualTo(Status.CANCELLED);
            assertThat(queued(house)).isEmpty();
        }
    }

    /** Sent back to the queue in the moment between its end and its leaving the queue. */
    @ParameterizedTest
    @EnumSource
    void whatIsResumedWhileItsWorkerLeavesStaysInTheQueue(Database kind) {
        try (House house = open(kind)) {
            String id = house.submit(Plans.plan()).id();
            atEachStep = loop -> house.queue.cancel(id);
            atClose = () -> house.queue.resume(id); // It is CANCELLED by then.
            ManualScheduler scheduler = scheduler(house);
            scheduler.runAnyDueExecutions();
            assertThat(house.trainings.require(id).status()).isEqualTo(Status.QUEUED);
            assertThat(queued(house)).containsExactly(id);

            atEachStep = loop -> {};
            atClose = () -> {};
            scheduler.runAnyDueExecutions();
            assertThat(house.trainings.require(id).status()).isEqualTo(Status.SUCCEEDED);
        }
    }

    /** And what does not fit leaves nothing behind: neither a row, nor a place, nor another status. */
    @ParameterizedTest
    @EnumSource
    void noMoreWaitThanAreAllowed(Database kind) {
        try (House house = open(kind)) {
            String cancelled = house.submit(Plans.plan()).id();
            house.queue.cancel(cancelled);
            for (int i = 0; i < House.MOST_QUEUED; i++) {
                house.submit(Plans.plan());
            }
            int places = queued(house).size();

            for (Runnable oneMore :
                    List.<Runnable>of(() -> house.submit(Plans.plan()), () -> house.queue.resume(cancelled))) {
                assertThatExceptionOfType(Problem.class)
                        .isThrownBy(oneMore::run)
                        .withMessageStartingWith(
                                "12 trainings are QUEUED, and latentdock.training.max-queued allows no more")
                        .satisfies(problem -> assertThat(problem.fault()).isEqualTo(Fault.OVERLOADED));
            }
            assertThat(house.trainings.list(null, null, 100)).hasSize(House.MOST_QUEUED + 1);
            assertThat(house.trainings.require(cancelled).status()).isEqualTo(Status.CANCELLED);
            assertThat(queued(house)).hasSize(places);

            house.queue.cancel(
                    house.trainings.list(Status.QUEUED, null, 1).getFirst().id());
            assertThat(house.queue.resume(cancelled).status()).isEqualTo(Status.QUEUED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsCancelledBeforeAWorkerCameLeavesTheQueueAndComesBack(Database kind) {
        try (House house = open(kind)) {
            String id = house.submit(Plans.plan()).id();
            String another = house.submit(Plans.plan()).id();
            house.queue.cancel(id);
            assertThat(queued(house)).containsExactly(another);

            house.queue.resume(id);
            assertThat(queued(house)).containsExactlyInAnyOrder(id, another);
            scheduler(house).runAnyDueExecutions();
            assertThat(house.trainings.require(id).status()).isEqualTo(Status.SUCCEEDED);
        }
    }

    /** It removes the place itself when it finds that there is nothing to do. */
    @ParameterizedTest
    @EnumSource
    void whatIsCancelledWhenAWorkerHasJustComeKeepsThePlaceForIt(Database kind) {
        try (House house = open(kind)) {
            String id = house.submit(Plans.plan()).id();
            pick(house, id);
            house.queue.cancel(id);
            assertThat(house.trainings.require(id).status()).isEqualTo(Status.CANCELLED);
            house.removal.remove(id);
            assertThat(queued(house)).containsExactly(id);

            clock.tick(Duration.ofMinutes(5));
            ManualScheduler scheduler = scheduler(house);
            scheduler.runDeadExecutionDetection();
            scheduler.runAnyDueExecutions();
            assertThat(queued(house)).isEmpty();
            assertThat(house.trainings.find(id)).isEmpty();
        }
    }

    /** Such as an older service left, which cancelled and kept the place. */
    @ParameterizedTest
    @EnumSource
    void whatIsDeletedLeavesTheQueue(Database kind) {
        try (House house = open(kind)) {
            String id = house.submit(Plans.plan()).id();
            house.trainings.cancel(id);
            assertThat(queued(house)).containsExactly(id);
            house.removal.remove(id);

            assertThat(queued(house)).isEmpty();
            assertThat(house.trainings.find(id)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTrainingAndItsPlaceInTheQueueComeTogetherOrNotAtAll(Database kind) {
        try (House house = open(kind)) {
            house.transactions.executeWithoutResult(transaction -> {
                house.submit(Plans.plan());
                transaction.setRollbackOnly();
            });
            assertThat(queued(house)).isEmpty();
            assertThat(house.trainings.list(null, null, 10)).isEmpty();
        }
    }
}
