package io.github.latentdock.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

class InferenceMetersTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final InferenceMeters meters = new InferenceMeters(registry);

    @Test
    void aClosedModelsQueuesAreNoLongerShown() {
        LoadedModel model = Parts.fashionAe();
        meters.watchQueues(model, queue -> 7);
        assertThat(registry.find("latentdock.queue.rows").tag("version", "1").gauges())
                .hasSameSizeAs(model.queues());
        model.release();

        assertThat(registry.find("latentdock.queue.rows").gauges()).isEmpty();
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void aVersionThatWasLoadedAgainIsShownWhenTheOneBeforeCloses(CapturedOutput log) {
        LoadedModel before = Parts.fashionAe();
        LoadedModel again = Parts.fashionAe();
        meters.watchQueues(before, queue -> 1);
        meters.watchQueues(again, queue -> 2);
        before.release();

        assertThat(registry.find("latentdock.queue.rows").gauges())
                .hasSameSizeAs(again.queues())
                .allSatisfy(gauge -> assertThat(gauge.value()).isEqualTo(2));
        again.release();
        assertThat(log).doesNotContain("WARN");
    }
}
