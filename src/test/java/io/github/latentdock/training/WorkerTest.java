package io.github.latentdock.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.latentdock.autoencoder.Losses;
import io.github.latentdock.autoencoder.Wanted;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.registry.Model;
import io.github.latentdock.registry.RegistryParts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/** What a worker makes of trainings, and of what may happen to it meanwhile. */
class WorkerTest {

    private static final Plan PLAN = Plans.plan(Map.of("alias", "default"));
    private static final List<String> WEIGHTS = LeastSquares.weights(PLAN);

    @TempDir
    Path folder = Path.of("");

    private Consumer<LeastSquares.Loop> atEachStep = loop -> {};
    private BiConsumer<String, Wanted> takesLong = (moment, wanted) -> {};
    private final LeastSquares loops = new LeastSquares(
            loop -> atEachStep.accept(loop), () -> {}, (moment, wanted) -> takesLong.accept(moment, wanted));
    private @Nullable House opened;

    /** Opened when it is first needed: the folder is set by then. */
    private House house() {
        House known = opened;
        if (known == null) {
            known = House.of(Database.H2.open(), folder, loops);
            opened = known;
        }
        return known;
    }

    @AfterEach
    void close() {
        house().close();
    }

    @Test
    void aPlanBecomesAVersionWithItsProvenance() {
        String id = house().submit(PLAN).id();
        house().run(id);

        Training training = house().trainings.require(id);
        assertThat(training)
                .returns(Status.SUCCEEDED, Training::status)
                .returns(1, Training::version)
                .returns(null, Training::failure)
                .returns(1, Training::attempt);
        assertThat(training.ended()).isNotNull();
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
        assertThat(house().manifest("lines", 1).provenance())
                .containsEntry("training", id)
                .containsEntry("dataset", "lines")
                .containsEntry("datasetDigest", LeastSquares.DIGEST)
                .containsEntry("seed", 7)
                .containsEntry("engine", "plain Java")
                .containsKeys("time", "java", "djl", "plan");
        assertThat(house().models.snapshot().model("lines").aliases()).containsExactly(Map.entry("default", 1));
        assertThat(house().trainings.epochs(id))
                .extracting(TrainingEpoch::epoch)
                .containsExactly(1, 2, 3);
        assertThat(house().checkpoints.list(id)).isEmpty();
    }

    /** SIGTERM after any number of batches: the next worker goes on, and the weights are those of one run. */
    @Test
    void aTrainingThatIsGivenBackAnywhereEndsWithTheSameWeights() {
        for (int steps = 0; steps < 60; steps += 7) {
            String id = house().submit(PLAN).id();
            house().worker.run(id, afterLooks(steps));
            Training given = house().trainings.require(id);
            assertThat(given.status()).isEqualTo(Status.QUEUED);
            assertThat(given.deaths()).isZero();
            house().run(id);

            Training training = house().trainings.require(id);
            assertThat(training).returns(Status.SUCCEEDED, Training::status).returns(2, Training::attempt);
            assertThat(house().weights("lines", requireNonNull(training.version())))
                    .isEqualTo(WEIGHTS);
        }
    }

    @Test
    void aCancelledTrainingStopsWithinABatchAndIsResumedWhereItWas() {
        String id = house().submit(PLAN).id();
        var steps = new AtomicInteger();
        atEachStep = loop -> {
            if (steps.incrementAndGet() == 27) {
                house().queue.cancel(id);
            }
        };
        house().run(id);
        assertThat(steps).hasValue(27);
        assertThat(house().trainings.require(id).status()).isEqualTo(Status.CANCELLED);

        house().queue.resume(id);
        house().run(id);
        assertThat(steps).hasValue(60);
        assertThat(house().trainings.require(id).status()).isEqualTo(Status.SUCCEEDED);
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    /** Cancelled elsewhere during the last batch of an epoch, so that it is the epoch's own row that tells. */
    @Test
    void noEpochIsLostWhenItIsCancelledAtItsEnd() {
        String id = house().submit(PLAN).id();
        atEachStep = loop -> {
            if (loop.epoch() == 0 && loop.step() == 19) {
                house().trainings.cancel(id);
            }
        };
        house().run(id);
        assertThat(house().trainings.require(id).status()).isEqualTo(Status.CANCELLED);
        assertThat(house().trainings.epochs(id)).hasSize(1);

        atEachStep = loop -> {};
        house().queue.resume(id);
        house().run(id);
        assertThat(house().trainings.epochs(id))
                .extracting(TrainingEpoch::epoch)
                .containsExactly(1, 2, 3);
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    @Test
    void whatIsCancelledInTheQueueNeverRuns() {
        String id = house().submit(PLAN).id();
        house().queue.cancel(id);
        house().run(id);

        assertThat(house().trainings.require(id))
                .returns(Status.CANCELLED, Training::status)
                .returns(0, Training::attempt);
    }

    @Test
    void aLossThatIsNoNumberEndsItWithTheEpochAndAdvice() {
        String id = house().submit(Plans.plan(Map.of("network", Map.of("nanEpoch", 2))))
                .id();
        house().run(id);

        Training training = house().trainings.require(id);
        assertThat(training.status()).isEqualTo(Status.FAILED);
        assertThat(training.failure())
                .startsWith(
                        "The loss is not a finite number after step 1 of epoch 2: a smaller optimizer.learningRate");
        assertThat(house().models.scan().models()).isEmpty();
    }

    @Test
    void anErrorInTheLoopEndsItAndItCanBeResumed() {
        String id = house().submit(PLAN).id();
        atEachStep = loop -> {
            if (loop.epoch() == 1) {
                throw new OutOfMemoryError("as a test");
            }
        };
        house().run(id);
        assertThat(house().trainings.require(id))
                .returns(Status.FAILED, Training::status)
                .returns("An error of the service: OutOfMemoryError; its log tells more", Training::failure);

        atEachStep = loop -> {};
        house().queue.resume(id);
        house().run(id);
        assertThat(house().trainings.require(id))
                .returns(Status.SUCCEEDED, Training::status)
                .returns(null, Training::failure);
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    @Test
    void whyItFailedIsToldAndNotWhereOnThisMachine() {
        String id = house().submit(PLAN).id();
        atEachStep = loop -> {
            throw new UncheckedIOException(
                    new FileSystemException("/srv/secret/place", null, "No space left on device"));
        };
        house().run(id);

        assertThat(house().trainings.require(id).failure())
                .isEqualTo(
                        "An error of the service: FileSystemException (No space left on device); its log tells more");
    }

    /** A disk that is full for an epoch: nothing can be saved, and nothing is lost. */
    @Test
    void aTrainingThatCannotBeSavedGoesOn() throws IOException {
        Path checkpoints = folder.resolve("checkpoints");
        String id = house().submit(PLAN).id();
        atEachStep = loop -> {
            if (loop.epoch() == 0 && loop.step() == 7) {
                inTheWay(checkpoints);
            }
        };
        house().worker.run(id, afterLooks(30)); // Nor can it be saved when its worker has to go.
        assertThat(house().trainings.require(id)).returns(Status.QUEUED, Training::status);

        Files.delete(checkpoints);
        atEachStep = loop -> {
            if (loop.epoch() == 1 && loop.step() == 0) {
                assertThat(house().checkpoints.list(id)).hasSize(1);
            }
        };
        house().run(id);
        assertThat(house().trainings.require(id))
                .returns(Status.SUCCEEDED, Training::status)
                .returns(null, Training::failure);
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    /** The disk fails when a checkpoint is there and is about to take the place of an older one: it counts all the same. */
    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void aTrainingWhoseOldCheckpointsCannotBeRemovedIsSaved(CapturedOutput log) throws IOException {
        Path checkpoints = folder.resolve("checkpoints");
        Path elsewhere = folder.resolve("elsewhere");
        String id = house().submit(PLAN).id();
        var failures = new AtomicInteger();
        Trainings failing = Meanwhile.before(
                sql -> sql.startsWith("update trainings set saved_steps") && failures.incrementAndGet() == 3,
                house().jdbc,
                () -> nowhere(checkpoints));
        atEachStep = loop -> {
            if (Files.exists(elsewhere)) {
                back(elsewhere, checkpoints);
            }
        };
        var models = RegistryParts.at(folder.resolve("models"));
        var publication = new Publication(
                failing, house().transactions, models.repository(), models.publisher(), InstantSource.system());
        new Worker(new WorkerParts(
                        failing,
                        house().transactions,
                        loops,
                        house().checkpoints,
                        publication,
                        new TrainingMeters(new SimpleMeterRegistry(), failing, InstantSource.system()),
                        new TrainingProperties(
                                true,
                                folder,
                                1,
                                DataSize.ofGigabytes(2),
                                House.MOST_QUEUED,
                                Duration.ofMillis(50),
                                Duration.ofMillis(250),
                                4,
                                Duration.ZERO,
                                Duration.ofSeconds(20)),
                        InstantSource.system()))
                .run(id, afterLooks(9));

        assertThat(failures).hasValueGreaterThan(3);
        assertThat(house().trainings.require(id)).returns(Status.QUEUED, Training::status);
        assertThat(house().jdbc
                        .sql("select saved_steps from trainings")
                        .query(Long.class)
                        .single())
                .isEqualTo(9);
        assertThat(house().checkpoints.list(id)).hasSize(2); // The next one removed what had stayed.
        assertThat(log).containsOnlyOnce("is saved, but").doesNotContain("could not be saved");
    }

    private static void back(Path elsewhere, Path folder) {
        try {
            Files.delete(folder);
            Files.move(elsewhere, folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void inTheWay(Path folder) {
        try {
            FileSystemUtils.deleteRecursively(folder);
            Files.createFile(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aTrainingThatKillsThreeWorkersFails() {
        String id = house().submit(PLAN).id();
        for (int i = 0; i < Worker.MOST_DEATHS; i++) {
            house().trainings.held().begin(id, "dead"); // And never heard of again.
        }
        house().run(id);

        Training training = house().trainings.require(id);
        assertThat(training.status()).isEqualTo(Status.FAILED);
        assertThat(training.failure())
                .startsWith(
                        "3 workers died while they trained it, none of which came further than the one before, the last");

        house().queue.resume(id);
        house().run(id);
        assertThat(house().trainings.require(id).status()).isEqualTo(Status.SUCCEEDED);
    }

    /** Such as machines that are replaced one by one under a training of a week. */
    @Test
    void deathsBetweenWhichATrainingCameFurtherAreNotCountedTogether() {
        String id = house().submit(PLAN).id();
        for (int death = 0; death < 2 * Worker.MOST_DEATHS; death++) {
            int last = 10 * death + 5;
            var steps = new AtomicInteger();
            // It is killed by what no worker survives: an error of the database, of which the row never hears.
            atEachStep = loop -> {
                if (20 * loop.epoch() + loop.step() > last) {
                    steps.incrementAndGet();
                    throw new DataAccessResourceFailureException("as a test");
                }
            };
            assertThatExceptionOfType(DataAccessResourceFailureException.class).isThrownBy(() -> house().run(id));
            assertThat(steps).hasValue(1);
        }
        atEachStep = loop -> {};
        house().run(id);

        assertThat(house().trainings.require(id).status()).isEqualTo(Status.SUCCEEDED);
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    /** The whole of what takes long: the codes of new examples, what is held out, the measuring at the end. */
    @ParameterizedTest
    @CsvSource({"start,", "epoch, 0-20", "finish, 3-0"})
    void whatTakesLongerThanABatchEndsWhenItIsCancelledAndIsDoneAgainWhenItIsResumed(
            String moment, @Nullable String saved) {
        String id = house().submit(PLAN).id();
        takesLong = (now, wanted) -> {
            wanted.require();
            if (now.equals(moment)) {
                house().queue.cancel(id);
                wanted.require();
            }
        };
        house().run(id);
        assertThat(house().trainings.require(id)).returns(Status.CANCELLED, Training::status);
        assertThat(house().checkpoints.list(id).stream()
                        .findFirst()
                        .map(newest -> "%d-%d".formatted(newest.epoch(), newest.step())))
                .isEqualTo(Optional.ofNullable(saved));
        assertThat(house().models.scan().models()).isEmpty();

        takesLong = (now, wanted) -> {};
        house().queue.resume(id);
        house().run(id);
        assertThat(house().trainings.require(id)).returns(Status.SUCCEEDED, Training::status);
        assertThat(house().trainings.epochs(id)).hasSize(3);
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "epoch", "finish"})
    void whatTakesLongerThanABatchIsGivenBackWhenTheWorkerHasToGo(String moment) {
        String id = house().submit(PLAN).id();
        var told = new AtomicReference<@Nullable String>();
        takesLong = (now, wanted) -> {
            if (now.equals(moment)) {
                told.set("as a test");
            }
            wanted.require();
        };
        house().worker.run(id, told::get);
        assertThat(house().trainings.require(id))
                .returns(Status.QUEUED, Training::status)
                .returns(0, Training::deaths);

        takesLong = (now, wanted) -> {};
        house().run(id);
        assertThat(house().trainings.require(id)).returns(Status.SUCCEEDED, Training::status);
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    /** By the row, which is looked at once a second; the clock here goes fast. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatTakesLongerThanABatchHearsOfWhatWasDoneElsewhere(boolean cancelled) {
        var now = new AtomicLong();
        House late = new House(
                house().database,
                folder,
                loops,
                () -> Instant.ofEpochSecond(now.addAndGet(2)),
                House.properties(folder));
        String id = late.submit(PLAN).id();
        takesLong = (moment, wanted) -> {
            if (moment.equals("finish")) {
                wanted.require();
                if (cancelled) {
                    late.trainings.cancel(id);
                } else {
                    late.trainings.held().begin(id, "another");
                }
                wanted.require();
            }
        };
        if (cancelled) {
            late.run(id);
            assertThat(late.trainings.require(id).status()).isEqualTo(Status.CANCELLED);
        } else {
            assertThatExceptionOfType(Lease.Lost.class).isThrownBy(() -> late.run(id));
            assertThat(late.trainings.require(id).worker()).isEqualTo("another");
        }
        assertThat(late.models.scan().models()).isEmpty();
    }

    @Test
    void aWorkerThatLostItsTrainingWritesAndPublishesNothing() {
        String id = house().submit(PLAN).id();
        atEachStep = loop -> {
            if (loop.epoch() == 2 && loop.step() == 19) {
                house().trainings.held().begin(id, "another");
            }
        };

        assertThatExceptionOfType(Lease.Lost.class).isThrownBy(() -> house().run(id));
        assertThat(house().trainings.require(id))
                .returns(Status.RUNNING, Training::status)
                .returns("another", Training::worker);
        assertThat(house().trainings.epochs(id)).hasSize(2);
        assertThat(house().models.scan().models()).isEmpty();
        assertThat(folder.resolve("models"))
                .satisfiesAnyOf(
                        models -> assertThat(models).doesNotExist(),
                        models -> assertThat(models).isEmptyDirectory());
    }

    /** The latest moment: everything is trained and checked, and only the row is to be moved. */
    @Test
    void aWorkerThatLosesItsTrainingWhilePublishingPublishesNothing() {
        House late = House.of(house().database, folder, new LeastSquares());
        String id = late.submit(PLAN).id();
        Lease lease = late.trainings.held().begin(id, "late").orElseThrow();
        late.trainings.held().begin(id, "another");
        var publication =
                new Publication(late.trainings, late.transactions, late.models, late.publisher, InstantSource.system());

        assertThatExceptionOfType(Lease.Lost.class)
                .isThrownBy(() -> publication.publish(
                        lease,
                        late.trainings.require(id),
                        new LeastSquares().start(PLAN, LeastSquares.PINNED, Wanted.ALWAYS)));
        assertThat(late.models.scan().models()).isEmpty();
    }

    /** Between the version and the row: the crash is a rollback that the version survives. */
    @Test
    void aVersionThatWasPublishedBeforeTheWorkerDiedIsAdoptedAndNotTrainedAgain() {
        String id = house().submit(PLAN).id();
        house().run(id);
        house().publisher.deleteAlias("lines", "default");
        house().jdbc
                .sql("update trainings set status = 'RUNNING', version = null")
                .update();
        var steps = new AtomicInteger();
        atEachStep = loop -> steps.incrementAndGet();

        house().run(id);

        assertThat(steps).hasValue(0);
        assertThat(house().trainings.require(id))
                .returns(Status.SUCCEEDED, Training::status)
                .returns(1, Training::version);
        Model model = house().models.scan().model("lines");
        assertThat(model.versions()).containsOnlyKeys(1);
        assertThat(model.aliases()).containsExactly(Map.entry("default", 1));
    }

    @Test
    void checkpointsThatADeadWorkerLeftOfASuccessAreRemoved() {
        String id = house().submit(PLAN).id();
        house().worker.run(id, afterLooks(30));
        house().jdbc.sql("update trainings set status = 'SUCCEEDED'").update();
        assertThat(house().checkpoints.list(id)).isNotEmpty();
        house().run(id);

        assertThat(house().checkpoints.list(id)).isEmpty();
    }

    @Test
    void aNumberThatSomebodyElseTakesFirstIsLeftToThem() throws Exception {
        String other = house().submit(PLAN).id();
        house().run(other);
        String id = house().submit(PLAN).id();
        atEachStep = loop -> {
            if (loop.epoch() == 2 && loop.step() == 19) {
                Lease lease = new Lease(id, 1);
                assertThat(house().trainings.held().reserveVersion(lease, 2)).isEqualTo(2);
                copy(folder.resolve("models/lines/1"), folder.resolve("models/lines/2"));
            }
        };
        house().run(id);

        assertThat(house().trainings.require(id).version()).isEqualTo(3);
        assertThat(house().weights("lines", 3)).isEqualTo(WEIGHTS);
    }

    @Test
    void anAliasThatCannotBeMovedIsToldAndTheVersionStays() throws Exception {
        Files.createDirectories(folder.resolve("models/lines"));
        Files.writeString(folder.resolve("models/lines/aliases.json"), "{");
        String id = house().submit(PLAN).id();
        house().run(id);

        assertThat(house().trainings.require(id))
                .returns(Status.SUCCEEDED, Training::status)
                .returns(1, Training::version);
        assertThat(house().trainings.require(id).failure())
                .startsWith("Alias 'default' stays where it is: The aliases of model 'lines' cannot be read");
    }

    /** The last moment at which publishing can go wrong: the version is there and serves. */
    @Test
    void aDiskThatFailsAtTheAliasIsToldAndTheVersionStays() throws IOException {
        String id = house().submit(PLAN).id();
        house().run(id);
        house().jdbc
                .sql("update trainings set status = 'RUNNING', version = null")
                .update();
        Path models = folder.resolve("models");
        Trainings failing = Meanwhile.before(1, house().jdbc, () -> nowhere(models));
        var publication = new Publication(
                failing, house().transactions, house().models, house().publisher, InstantSource.system());
        publication.adopt(new Lease(id, 1), house().trainings.require(id));
        Files.delete(models);
        Files.move(folder.resolve("elsewhere"), models);

        assertThat(house().trainings.require(id))
                .returns(Status.SUCCEEDED, Training::status)
                .returns(1, Training::version);
        assertThat(house().trainings.require(id).failure())
                .startsWith("Alias 'default' stays where it is: FileSystemException (")
                .endsWith("); the log tells more")
                .doesNotContain("/");
    }

    /** A link that leads to itself. */
    private static void nowhere(Path models) {
        try {
            Files.move(models, models.resolveSibling("elsewhere"));
            Files.createSymbolicLink(models, models);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whereTheNewestCheckpointIsSpoiltAnOlderOneDoes() {
        String id = house().submit(PLAN).id();
        house().worker.run(id, afterLooks(50));
        List<Checkpoints.Checkpoint> kept = house().checkpoints.list(id);
        assertThat(kept).hasSize(2);
        loops.spoil(kept.getFirst().folder());
        var first = new AtomicInteger(-1);
        atEachStep = loop -> first.compareAndSet(-1, 20 * loop.epoch() + loop.step());

        house().run(id);

        assertThat(first).hasValue(20 * kept.getLast().epoch() + kept.getLast().step());
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    /** One bit of a momentum: the file is read as well as ever, and the weights would be others. */
    @Test
    void aCheckpointOfWhichABitIsAnotherIsNotGoneOnFromAndTheOlderOneIsKept() throws IOException {
        String id = house().submit(PLAN).id();
        house().worker.run(id, afterLooks(50));
        List<Checkpoints.Checkpoint> kept = house().checkpoints.list(id);
        flip(kept.getFirst().folder().resolve("state"), 8);
        var first = new AtomicInteger(-1);
        atEachStep = loop -> first.compareAndSet(-1, 20 * loop.epoch() + loop.step());

        house().worker.run(id, afterLooks(1));
        assertThat(first).hasValue(20 * kept.getLast().epoch() + kept.getLast().step());
        assertThat(house().checkpoints.list(id)).contains(kept.getLast()).doesNotContain(kept.getFirst());

        house().run(id);
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    @Test
    void aCheckpointWithoutSumsIsGoneOnFromAsAnOlderServiceWroteIt() throws IOException {
        String id = house().submit(PLAN).id();
        house().worker.run(id, afterLooks(50));
        Checkpoints.Checkpoint newest = house().checkpoints.list(id).getFirst();
        Files.delete(newest.folder().resolve(Checksums.FILE));
        var first = new AtomicInteger(-1);
        atEachStep = loop -> first.compareAndSet(-1, 20 * loop.epoch() + loop.step());
        house().run(id);

        assertThat(first).hasValue(20 * newest.epoch() + newest.step());
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }

    /** All checkpoints are lost after two epochs and some: what is told of them is forgotten until they are trained again. */
    @Test
    void aTrainingThatStartsOverTellsOfNoEpochThatIsToCome() {
        String id = house().submit(PLAN).id();
        house().worker.run(id, afterLooks(50));
        assertThat(house().trainings.epochs(id)).hasSize(2);
        house().checkpoints.deleteAll(id);
        long told = house().trainings.require(id).revision();

        house().worker.run(id, afterLooks(0));
        assertThat(house().trainings.epochs(id)).isEmpty();
        assertThat(house().trainings.require(id).progress())
                .returns(0, Progress::epoch)
                .returns(0, Progress::step)
                .returns(null, Progress::losses);

        house().run(id);
        assertThat(house().trainings.epochsAfter(id, told))
                .extracting(TrainingEpoch::epoch)
                .containsExactly(1, 2, 3);
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
    }

    /** The losses that are told are then those of the epoch before, and no others. */
    @Test
    void aTrainingThatGoesOnFromAnOlderEpochTellsOfThatOne() {
        String id = house().submit(PLAN).id();
        atEachStep = loop -> {
            if (loop.epoch() == 2 && loop.step() == 10) {
                throw new DataAccessResourceFailureException("as a test");
            }
        };
        assertThatExceptionOfType(DataAccessResourceFailureException.class).isThrownBy(() -> house().run(id));
        atEachStep = loop -> {};
        house().checkpoints.list(id).stream()
                .filter(checkpoint -> checkpoint.epoch() == 2)
                .map(Checkpoints.Checkpoint::folder)
                .forEach(loops::spoil);
        Losses ofTheFirst = house().trainings.epochs(id).getFirst().training();

        house().worker.run(id, afterLooks(0));
        assertThat(house().trainings.epochs(id))
                .extracting(TrainingEpoch::epoch)
                .containsExactly(1);
        assertThat(house().trainings.require(id).progress())
                .returns(1, Progress::epoch)
                .returns(0, Progress::step)
                .returns(ofTheFirst, Progress::losses);
    }

    @Test
    void whatIsDeletedLeavesNothingButItsVersion() {
        String id = house().submit(PLAN).id();
        house().run(id);
        String failed = house().submit(PLAN).id();
        house().worker.run(failed, afterLooks(30));
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> house().removal.remove(failed))
                .withMessage("Training '%s' is QUEUED; only one that has ended can be deleted: cancel it first"
                        .formatted(failed));
        assertThat(house().checkpoints.list(failed)).isNotEmpty();
        house().queue.cancel(failed);
        house().removal.remove(id);
        house().removal.remove(failed);

        assertThat(house().trainings.list(null, null, 10)).isEmpty();
        assertThat(house().jdbc
                        .sql("select count(*) from training_epochs")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(folder.resolve("checkpoints")).isEmptyDirectory();
        assertThat(house().weights("lines", 1)).isEqualTo(WEIGHTS);
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> house().removal.remove(id))
                .withMessage("There is no training '%s'".formatted(id));
    }

    /** Its checkpoints are gone, and then the database is: it is still there, and is deleted once more. */
    @Test
    void aDeletionThatIsCutOffCanBeRepeated() {
        String id = house().submit(PLAN).id();
        house().worker.run(id, afterLooks(30));
        house().queue.cancel(id);
        Trainings failing = Meanwhile.before(2, house().jdbc, () -> {
            throw new DataAccessResourceFailureException("as a test");
        });
        var cutOff = new Removal(failing, house().checkpoints, house().queue, house().transactions);
        assertThatExceptionOfType(DataAccessResourceFailureException.class).isThrownBy(() -> cutOff.remove(id));
        assertThat(house().trainings.require(id).status()).isEqualTo(Status.CANCELLED);

        house().removal.remove(id);
        assertThat(house().trainings.find(id)).isEmpty();
    }

    /** It wakes up when its training was taken, trained and deleted, in the middle of a batch, and is about to save it. */
    @Test
    void aWorkerThatLostItsTrainingLeavesNoCheckpoint() {
        var now = new AtomicReference<>(Instant.EPOCH);
        House slow = new House(house().database, folder, loops, now::get, House.properties(folder));
        String id = slow.submit(PLAN).id();
        atEachStep = loop -> {
            if (loop.epoch() == 0 && loop.step() == 7) {
                Lease another = house().trainings.held().begin(id, "another").orElseThrow();
                house().trainings.held().fail(another, "as a test");
                house().removal.remove(id);
                // Enough for a checkpoint, not for a report.
                now.set(now.get().plusMillis(200));
            }
        };

        assertThatExceptionOfType(Lease.Lost.class).isThrownBy(() -> slow.run(id));
        assertThat(folder.resolve("checkpoints")).isEmptyDirectory();
    }

    /** Such as those of a database that somebody removed. */
    @Test
    void checkpointsOfTrainingsThatAreNotThereAreRemovedAtTheStart() {
        String failed = house().submit(PLAN).id();
        String gone = house().submit(PLAN).id();
        house().worker.run(failed, afterLooks(30));
        house().worker.run(gone, afterLooks(30));
        house().jdbc
                .sql("delete from trainings where id = :id")
                .param("id", gone)
                .update();
        house().worker.removeLeftovers();

        assertThat(house().checkpoints.list(failed)).isNotEmpty();
        assertThat(house().checkpoints.trainings()).containsExactly(failed);
    }

    @Test
    void aTrainingThatStopsEarlyIsPublished() {
        Plan plan = Plans.plan(Map.of("epochs", 500, "earlyStopping", Map.of("patience", 1)));
        String id = house().submit(plan).id();
        house().run(id);

        Training training = house().trainings.require(id);
        assertThat(training.status()).isEqualTo(Status.SUCCEEDED);
        assertThat(training.progress().epoch()).isLessThan(500);
        assertThat(house().weights("lines", 1)).isEqualTo(LeastSquares.weights(plan));
    }

    /** Lets the worker look so often before it has to let go. */
    private static Supplier<@Nullable String> afterLooks(int looks) {
        var left = new AtomicInteger(looks);
        return () -> left.getAndDecrement() > 0 ? null : "a test asks for it";
    }

    private static void copy(Path from, Path to) {
        try {
            FileSystemUtils.copyRecursively(from, to);
            Path manifest = to.resolve("model.json");
            Files.writeString(
                    manifest,
                    Files.readString(manifest)
                            .replace("\"version\" : 1", "\"version\" : 2")
                            .replaceFirst("\"training\" : \"[^\"]+\"", "\"training\" : \"somebody\""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
