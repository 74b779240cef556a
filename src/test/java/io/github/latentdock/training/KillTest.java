package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.storage.FolderStore;
import io.github.latentdock.testing.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Workers in processes of their own, which are killed, stopped and paused at random moments; {@code -Dkills=10} kills more often.
 * Nobody waits for a time to pass, but for what the others do.
 */
class KillTest {

    private static final int KILLS = Integer.getInteger("kills", 2);

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource
    void aTrainingThatIsKilledAnywhereEndsWithTheSameWeightsOnPostgresql(Job job) {
        String url = Database.POSTGRESQL.url();
        try (House house = house(url, job)) {
            String id = house.submit(job, job.plan()).id();
            for (int kill = 1; kill <= KILLS; kill++) {
                int attempt = kill;
                try (var worker = new WorkerProcess(url, folder, job)) {
                    Waiting.until("it trains", () -> hasProgressed(house, id, attempt));
                    aMoment();
                    worker.kill();
                }
            }
            house.queue.start();
            Waiting.until(
                    "it is trained", () -> house.trainings.require(id).status().ended());

            assertIsTrainedAsIfUndisturbed(house, id, job);
            // Others might be writing, so it is for the next start to remove what the killed ones had begun, after an
            // hour.
            house.checkpoints.removeLeftovers(Instant.MAX);
            assertNothingIsLeftOver(house, id, job);
        }
    }

    /** One process after the other has the file, and need not wait for heartbeats of the one before. */
    @ParameterizedTest
    @EnumSource(names = {"LINES", "AD"})
    void aTrainingThatIsKilledAnywhereEndsWithTheSameWeightsOnH2(Job job) {
        String url = Database.h2File(folder.resolve("trainings"));
        String id;
        try (House house = house(url, job)) {
            id = house.submit(job, job.plan()).id();
        }
        for (int kill = 0; kill < 2; kill++) {
            try (var worker = new WorkerProcess(url, folder, job)) {
                worker.waitUntilLogHas(kill == 0 ? "begins, in attempt 1" : "in attempt " + (kill + 1));
                aMoment();
                worker.kill();
            }
        }
        try (House house = house(url, job)) {
            house.queue.start();
            Waiting.until(
                    "it is trained", () -> house.trainings.require(id).status().ended());

            assertThat(house.trainings.require(id))
                    .returns(Status.SUCCEEDED, Training::status)
                    .returns(3, Training::attempt);
            assertIsTrainedAsIfUndisturbed(house, id, job);
            assertNothingIsLeftOver(house, id, job);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LINES", "VAE"})
    void atSigtermItIsSavedAndGivenBackAtOnce(Job job) {
        String url = Database.POSTGRESQL.url();
        try (House house = house(url, job);
                var worker = new WorkerProcess(url, folder, job)) {
            String id = house.submit(job, job.plan()).id();
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
            assertIsTrainedAsIfUndisturbed(house, id, job);
            assertNothingIsLeftOver(house, id, job);
        }
    }

    /** A process that sleeps too long is dead to the others; when it wakes up it must not do any harm. */
    @ParameterizedTest
    @EnumSource
    void aWorkerThatWakesUpAfterItsTrainingWasTakenPublishesNothing(Job job) {
        String url = Database.POSTGRESQL.url();
        try (House house = house(url, job);
                var sleeper = new WorkerProcess(url, folder, job)) {
            String id = house.submit(job, job.plan()).id();
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
            assertIsTrainedAsIfUndisturbed(house, id, job);
        }
    }

    @Test
    void twoWorkersShareAQueueAndNoTraining() {
        String url = Database.POSTGRESQL.url();
        try (House one = house(url, Job.LINES);
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

    private House house(String url, Job job) {
        House house = House.of(Database.connect(url), folder, job);
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

    /** To the bit, as a run that nobody disturbs. */
    private void assertIsTrainedAsIfUndisturbed(House house, String id, Job job) {
        Training training = house.trainings.require(id);
        assertThat(training.failure()).isNull();
        assertThat(training).returns(Status.SUCCEEDED, Training::status).returns(1, Training::version);
        String model = job.plan().model();
        assertThat(house.models.scan().model(model).versions()).containsOnlyKeys(1);
        try (House undisturbed = House.of(Database.H2.open(), folder.resolve("undisturbed"), job)) {
            undisturbed.run(undisturbed.submit(job, job.plan()).id());
            for (String file : job.files()) {
                assertThat(house.file(model, 1, file)).as(file).isEqualTo(undisturbed.file(model, 1, file));
            }
            if (job == Job.LINES) {
                assertThat(house.weights(model, 1)).isEqualTo(LeastSquares.weights(job.plan()));
            }
        }
    }

    /** Hidden or not. */
    private void assertNothingIsLeftOver(House house, String id, Job job) {
        Waiting.until("checkpoints are gone", () -> house.checkpoints.list(id).isEmpty());
        assertThat(folder.resolve("checkpoints")).isEmptyDirectory();
        assertThat(house.trainings.epochs(id))
                .extracting(TrainingEpoch::epoch)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, job.plan().epochs()).boxed().toList());
        // Killed while it wrote the version: that is removed like an upload that was cut off.
        new FolderStore(folder.resolve("models")).removeLeftovers(Instant.MAX);
        assertThat(folder.resolve("models").toFile().list())
                .containsExactly(job.plan().model());
        assertThat(folder.resolve("models").resolve(job.plan().model()).toFile().list())
                .containsExactly("1");
    }
}
