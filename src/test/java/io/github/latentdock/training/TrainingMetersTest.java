package io.github.latentdock.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariDataSource;
import io.github.latentdock.autoencoder.Losses;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

class TrainingMetersTest {

    private final HikariDataSource database = Database.H2.open();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TrainingMeters meters = new TrainingMeters(
            registry,
            new Trainings(JdbcClient.create(database), new TrainingRows(Plans.JSON), Clock.systemUTC()),
            Clock.systemUTC());

    @AfterEach
    void close() {
        database.close();
    }

    /** Micrometer complains of a gauge that is registered again, aloud once in the life of a process. */
    @Test
    void aModelThatIsTrainedTwiceIsMeasuredByTheSameGauges() {
        var micrometer = (Logger) LoggerFactory.getLogger("io.micrometer");
        Level before = micrometer.getLevel();
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        micrometer.addAppender(log);
        micrometer.setLevel(Level.DEBUG);
        try {
            for (int time = 1; time <= 2; time++) {
                meters.pace("lines", 100.0 * time);
                meters.epoch("lines", epoch(0.5 / time));
            }
            assertThat(log.list).noneMatch(TrainingMetersTest::complains);

            Gauge.builder("latentdock.training.epoch.loss", () -> 0)
                    .tag("model", "lines")
                    .register(registry);
            assertThat(log.list).anyMatch(TrainingMetersTest::complains);
        } finally {
            micrometer.setLevel(before);
            micrometer.detachAppender(log);
        }
        assertThat(imagesPerSecond("lines")).isEqualTo(200);
        assertThat(loss("lines")).isEqualTo(0.25);
        meters.idle("lines");
        assertThat(imagesPerSecond("lines")).isZero();
        assertThat(loss("lines")).isEqualTo(0.25);
    }

    private static boolean complains(ILoggingEvent event) {
        return event.getFormattedMessage().contains("already registered");
    }

    @Test
    void theModelThatWasTrainedLongestAgoIsForgottenWhereThereAreTooMany() {
        for (int i = 0; i < TrainingMeters.MOST_MODELS; i++) {
            meters.pace("lines-" + i, i);
            meters.epoch("lines-" + i, epoch(i));
        }
        meters.pace("lines-0", 7);
        meters.pace("new", 8);

        assertThat(imagesPerSecond("lines-0")).isEqualTo(7);
        assertThat(imagesPerSecond("new")).isEqualTo(8);
        assertThat(imagesPerSecond("lines-1")).isNull();
        assertThat(loss("lines-1")).isNull();
        assertThat(loss("lines-2")).isEqualTo(2);
        assertThat(models()).hasSize(TrainingMeters.MOST_MODELS);

        meters.pace("lines-1", 9);
        assertThat(imagesPerSecond("lines-1")).isEqualTo(9);
        assertThat(loss("lines-1")).isNull();
        assertThat(models()).hasSize(TrainingMeters.MOST_MODELS).doesNotContain("lines-2");
    }

    private Stream<String> models() {
        return registry.find("latentdock.training.images.per.second").gauges().stream()
                .map(gauge -> requireNonNull(gauge.getId().getTag("model")));
    }

    private @Nullable Double imagesPerSecond(String model) {
        return value("latentdock.training.images.per.second", model);
    }

    private @Nullable Double loss(String model) {
        return value("latentdock.training.epoch.loss", model);
    }

    private @Nullable Double value(String meter, String model) {
        Gauge gauge = registry.find(meter).tag("model", model).gauge();
        return gauge == null ? null : gauge.value();
    }

    private static EpochMetrics epoch(double loss) {
        return new EpochMetrics(1, new Losses(loss, loss, 0), null, 1, 100);
    }
}
