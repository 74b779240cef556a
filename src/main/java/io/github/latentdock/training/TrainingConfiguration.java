package io.github.latentdock.training;

import io.github.latentdock.registry.ModelPublisher;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.storage.FolderStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** The parts of trainings, where there are any. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnTraining
class TrainingConfiguration {

    /** No checkpoint takes longer between two writes, so nobody is at what is older. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final InstantSource clock = InstantSource.system();

    /** Beside the checkpoints, unless a property says where else. */
    @Bean
    @ConditionalOnExpression("'${spring.datasource.url:}' == ''")
    JdbcConnectionDetails embeddedDatabase(TrainingProperties properties) {
        return new EmbeddedDatabase(folder(properties).resolve("trainings"));
    }

    @Bean
    Trainings trainings(JdbcClient jdbc, JsonMapper json) {
        return new Trainings(jdbc, new TrainingRows(json), clock);
    }

    @Bean
    Checkpoints checkpoints(TrainingProperties properties) {
        var store = new FolderStore(folder(properties).resolve("checkpoints"));
        var checkpoints = new Checkpoints(store);
        checkpoints.removeLeftovers(clock.instant().minus(ABANDONED));
        return checkpoints;
    }

    @Bean
    static JsonMapperBuilderCustomizer plans() {
        return builder -> builder.addModule(PlanReader.module());
    }

    @Bean
    PlanCheck planCheck(ModelRepository models, TrainingLoops loops) {
        return new PlanCheck(models, loops);
    }

    @Bean
    TrainingMeters trainingMeters(MeterRegistry registry, Trainings trainings) {
        return new TrainingMeters(registry, trainings, clock);
    }

    @Bean
    Worker worker(
            Trainings trainings,
            TransactionTemplate transactions,
            TrainingLoops loops,
            Checkpoints checkpoints,
            ModelRepository models,
            ModelPublisher publisher,
            TrainingMeters meters,
            TrainingProperties properties) {
        var publication = new Publication(trainings, transactions, models, publisher, clock);
        return new Worker(
                new WorkerParts(trainings, transactions, loops, checkpoints, publication, meters, properties, clock));
    }

    @Bean
    Removal removal(
            Trainings trainings, Checkpoints checkpoints, TrainingQueue queue, TransactionTemplate transactions) {
        return new Removal(trainings, checkpoints, queue, transactions);
    }

    @Bean
    TrainingQueue trainingQueue(
            DataSource database,
            JdbcConnectionDetails connection,
            Trainings trainings,
            TransactionTemplate transactions,
            Worker worker,
            TrainingProperties properties) {
        return new TrainingQueue(
                database, connection instanceof EmbeddedDatabase, trainings, transactions, worker, properties, clock);
    }

    private static Path folder(TrainingProperties properties) {
        Path folder = properties.path().toAbsolutePath().normalize();
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "latentdock.training.path is %s, which cannot be written; name another folder, or set latentdock.training.enabled=false to train nothing"
                            .formatted(folder),
                    e);
        }
    }
}
