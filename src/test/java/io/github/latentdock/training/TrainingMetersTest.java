package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.autoencoder.Losses;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;

@ExtendWith(OutputCaptureExtension.class)
class TrainingMetersTest {

    @Test
    void aModelThatIsTrainedTwiceIsMeasuredByTheSameGauges(CapturedOutput log) {
        try (var database = Database.H2.open()) {
            var registry = new SimpleMeterRegistry();
            var trainings = new Trainings(JdbcClient.create(database), new TrainingRows(Plans.JSON), Clock.systemUTC());
            var meters = new TrainingMeters(registry, trainings, Clock.systemUTC());
            for (int time = 1; time <= 2; time++) {
                meters.pace("lines", 100.0 * time);
                meters.epoch("lines", epoch(0.5 / time));
            }

            assertThat(registry.get("latentdock.training.images.per.second")
                            .gauge()
                            .value())
                    .isEqualTo(200);
            assertThat(registry.get("latentdock.training.epoch.loss").gauge().value())
                    .isEqualTo(0.25);
            assertThat(log.getAll()).doesNotContain("already");
        }
    }

    private static EpochMetrics epoch(double loss) {
        return new EpochMetrics(1, new Losses(loss, loss, 0), null, 1, 100);
    }
}
