package io.github.latentdock.training;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariDataSource;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.registry.ModelPublisher;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.RegistryParts;
import io.github.latentdock.registry.Version;
import io.github.latentdock.storage.FolderStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.unit.DataSize;

/** The parts of this package over one database and one folder, as one process has them. */
final class House implements AutoCloseable {

    static final int MOST_QUEUED = 12;

    final HikariDataSource database;
    final Trainings trainings;
    final Checkpoints checkpoints;
    final ModelRepository models;
    final ModelPublisher publisher;
    final TransactionTemplate transactions;
    final Worker worker;
    final TrainingQueue queue;
    final Removal removal;
    final JdbcClient jdbc;

    House(
            HikariDataSource database,
            Path folder,
            TrainingLoops loops,
            InstantSource clock,
            TrainingProperties properties) {
        this(database, folder, models -> loops, clock, properties);
    }

    private House(
            HikariDataSource database,
            Path folder,
            Function<ModelRepository, TrainingLoops> loops,
            InstantSource clock,
            TrainingProperties properties) {
        this.database = database;
        this.jdbc = JdbcClient.create(database);
        this.transactions = new TransactionTemplate(new JdbcTransactionManager(database));
        this.trainings = new Trainings(jdbc, new TrainingRows(Plans.JSON), clock);
        this.checkpoints = new Checkpoints(new FolderStore(folder.resolve("checkpoints")));
        RegistryParts registry = RegistryParts.at(folder.resolve("models"));
        this.models = registry.repository();
        this.publisher = registry.publisher();
        var publication = new Publication(trainings, transactions, models, publisher, clock);
        var meters = new TrainingMeters(new SimpleMeterRegistry(), trainings, clock);
        this.worker = new Worker(new WorkerParts(
                trainings, transactions, loops.apply(models), checkpoints, publication, meters, properties, clock));
        this.queue = new TrainingQueue(
                database,
                database.getJdbcUrl().startsWith("jdbc:h2:file"),
                trainings,
                transactions,
                worker,
                properties,
                clock);
        this.removal = new Removal(trainings, checkpoints, queue, transactions);
    }

    static House of(HikariDataSource database, Path folder, TrainingLoops loops) {
        return new House(database, folder, loops, InstantSource.system(), properties(folder));
    }

    static House of(HikariDataSource database, Path folder, Job job) {
        return new House(database, folder, job::loops, InstantSource.system(), properties(folder));
    }

    static TrainingProperties properties(Path folder) {
        return new TrainingProperties(
                true,
                folder,
                1,
                DataSize.ofGigabytes(2),
                MOST_QUEUED,
                Duration.ofMillis(50),
                Duration.ofMillis(250),
                4,
                Duration.ofMillis(100),
                Duration.ofSeconds(20));
    }

    Training submit(Plan plan) {
        return queue.submit(new PlanCheck.Checked(plan, LeastSquares.PINNED));
    }

    Training submit(Job job, Plan plan) {
        Pinned pinned = requireNonNull(job.loops(models).check(plan).pinned());
        return queue.submit(new PlanCheck.Checked(plan, pinned));
    }

    /** As the queue does when nobody else is there. */
    void run(String id) {
        worker.run(id, () -> null);
    }

    Manifest manifest(String model, int number) {
        Version version = requireNonNull(models.scan().model(model).versions().get(number));
        return ((Version.Sound) version).manifest();
    }

    /** To the bit. */
    List<?> weights(String model, int number) {
        return (List<?>) requireNonNull(manifest(model, number).metrics().get("weights"));
    }

    byte[] file(String model, int number, String name) {
        Version version = requireNonNull(models.scan().model(model).versions().get(number));
        try {
            return Files.readAllBytes(((Version.Sound) version).folder().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        queue.stop();
        database.close();
    }
}
