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
}
