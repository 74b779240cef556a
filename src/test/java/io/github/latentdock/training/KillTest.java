package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workers in processes of their own, which are killed, stopped and paused at random moments; {@code -Dkills=10} kills more often.
 * Nobody waits for a time to pass, but for what the others do.
 */
class KillTest {

    private static final int KILLS = Integer.getInteger("kills", 2);

    /** A step of a millisecond and 1500 of them. */
    private static final Plan SLOW =
            Plans.plan(Map.of("epochs", 5, "network", Map.of("steps", 300, "nanos", 1_000_000)));

    private static final List<String> WEIGHTS = LeastSquares.weights(SLOW);

    @TempDir
    Path folder = Path.of("");

    @Test
    void aTrainingThatIsKilledAnywhereEndsWithTheSameWeightsOnPostgresql() {
        String url = Database.POSTGRESQL.url();
        try (House house = house(url)) {
            String id = house.submit(SLOW).id();
            for (int kill = 1; kill <= KILLS; kill++) {
                int attempt = kill;
                try (var worker = new WorkerProcess(url, folder)) {
                    Waiting.until("it trains", () -> hasProgressed(house, id, attempt));
                    aMoment();
                    worker.kill();
                }
            }
            house.queue.start();
            Waiting.until(
                    "it is trained", () -> house.trainings.require(id).status().ended());

            assertThat(house.trainings.require(id).status()).isEqualTo(Status.SUCCEEDED);
            assertThat(house.weights("lines", 1)).isEqualTo(WEIGHTS);
            assertNothingIsLeftOver(house, id);
        }
    }

    /** One process after the other has the file, and need not wait for heartbeats of the one before. */
    @Test
    void aTrainingThatIsKilledAnywhereEndsWithTheSameWeightsOnH2() {
        String url = Database.h2File(folder.resolve("trainings"));
        String id;
        try (House house = house(url)) {
            id = house.submit(SLOW).id();
        }
        for (int kill = 0; kill < 2; kill++) {
            try (var worker = new WorkerProcess(url, folder)) {
                worker.waitUntilLogHas(kill == 0 ? "begins, in attempt 1" : "in attempt " + (kill + 1));
                aMoment();
                worker.kill();
            }
        }
        try (House house = house(url)) {
            house.queue.start();
            Waiting.until(
                    "it is trained", () -> house.trainings.require(id).status().ended());

            assertThat(house.trainings.require(id))
                    .returns(Status.SUCCEEDED, Training::status)
                    .returns(3, Training::attempt);
            assertThat(house.weights("lines", 1)).isEqualTo(WEIGHTS);
            assertNothingIsLeftOver(house, id);
        }
    }

    @Test
    void atSigtermItIsSavedAndGivenBackAtOnce() {
        String url = Database.POSTGRESQL.url();
        try (House house = house(url);
                var worker = new WorkerProcess(url, folder)) {
            String id = house.submit(SLOW).id();
            Waiting.until("it trains", () -> hasProgressed(house, id, 1));
            worker.terminate();
            assertThat(worker.exitCode()).isEqualTo(128 + 15);

            Training given = house.trainings.require(id);
            assertThat(given).returns(Status.QUEUED, Training::status).returns(0, Training::deaths);
            assertThat(house.checkpoints.list(id)).isNotEmpty();
            house.queue.start();
            Waiting.until(
                    "it is trained", () -> house.trainings.require(id).status().ended());
            assertThat(house.trainings.require(id))
                    .returns(2, Training::attempt)
                    .returns(0, Training::deaths);
            assertThat(house.weights("lines", 1)).isEqualTo(WEIGHTS);
        }
    }

    /** A process that sleeps too long is dead to the others; when it wakes up it must not do any harm. */
    @Test
    void aWorkerThatWakesUpAfterItsTrainingWasTakenPublishesNothing() {
        String url = Database.POSTGRESQL.url();
        try (House house = house(url);
                var sleeper = new WorkerProcess(url, folder)) {
            String id = house.submit(SLOW).id();
            Waiting.until("it trains", () -> hasProgressed(house, id, 1));
            sleeper.signal("STOP");
            house.queue.start();
            Waiting.until("another trains it", () -> house.trainings.require(id).attempt() == 2);
            sleeper.signal("CONT");
            sleeper.waitUntilLogHas("another one has it");
            Waiting.until(
                    "it is trained", () -> house.trainings.require(id).status().ended());

            assertThat(house.trainings.require(id))
                    .returns(Status.SUCCEEDED, Training::status)
                    .returns(2, Training::attempt)
                    .returns(1, Training::version);
            assertThat(house.models.scan().model("lines").versions()).containsOnlyKeys(1);
            assertThat(house.weights("lines", 1)).isEqualTo(WEIGHTS);
        }
    }

    @Test
    void twoWorkersShareAQueueAndNoTraining() {
        String url = Database.POSTGRESQL.url();
        try (House one = house(url);
                House other = House.of(Database.connect(url), folder, new LeastSquares())) {
            one.queue.start();
            other.queue.start();
            List<String> ids = IntStream.range(0, 12)
                    .mapToObj(i -> one.submit(Plans.plan(Map.of("seed", i))).id())
                    .toList();
            Waiting.until(
                    "all are trained",
                    () -> ids.stream()
                            .allMatch(id -> one.trainings.require(id).status().ended()));

            assertThat(ids.stream().map(one.trainings::require))
                    .allSatisfy(training -> assertThat(training)
                            .returns(Status.SUCCEEDED, Training::status)
                            .returns(1, Training::attempt));
            assertThat(one.models.scan().model("lines").versions()).hasSize(12);
        }
    }

    private House house(String url) {
        House house = House.of(Database.connect(url), folder, new LeastSquares());
        Database.migrate(house.database);
        return house;
    }

    private static boolean hasProgressed(House house, String id, int attempt) {
        Training training = house.trainings.require(id);
        return training.attempt() >= attempt
                && !house.checkpoints.list(id).stream()
                        .filter(checkpoint -> checkpoint.attempt() == training.attempt())
                        .toList()
                        .isEmpty();
    }

    /** Any time at all may pass before the kill: that is the point. */
    private static void aMoment() {
        LockSupport.parkNanos(
                Duration.ofMillis(ThreadLocalRandom.current().nextInt(300)).toNanos());
    }

    private void assertNothingIsLeftOver(House house, String id) {
        Waiting.until("checkpoints are gone", () -> house.checkpoints.list(id).isEmpty());
        assertThat(house.models.scan().model("lines").versions()).containsOnlyKeys(1);
        assertThat(house.trainings.epochs(id)).extracting(TrainingEpoch::epoch).containsExactly(1, 2, 3, 4, 5);
        assertThat(Stream.of(folder.resolve("models").toFile().list()).filter(name -> !name.startsWith(".")))
                .containsExactly("lines");
    }
}
