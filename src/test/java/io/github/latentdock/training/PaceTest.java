package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.kagkarlsson.scheduler.testhelper.SettableClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {

    /** A thousand examples in batches of 300, in two seconds: the last batch has a hundred only. */
    @Test
    void examplesAreCountedAndNotPlacesInBatches() {
        var clock = new SettableClock();
        var pace = new Pace(clock::now);
        for (int batch : new int[] {300, 300, 300, 100}) {
            pace.step(batch);
            clock.tick(Duration.ofMillis(500));
        }

        assertThat(pace.imagesPerSecond()).isEqualTo(500);
    }

    /** Of a microsecond nothing can be said, and nothing takes no time. */
    @Test
    void veryShortTimesAreTakenForAMillisecond() {
        assertThat(Pace.seconds(1_000)).isEqualTo(0.001);
        assertThat(Pace.perSecond(900, 1_000)).isEqualTo(900_000);
        assertThat(Pace.seconds(2_345_678_901L)).isEqualTo(2.346);
        assertThat(Pace.perSecond(1000, 2_345_678_901L)).isEqualTo(426.3);
        assertThat(Pace.perSecond(0, 0)).isZero();
    }
}
