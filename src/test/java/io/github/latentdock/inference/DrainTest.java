package io.github.latentdock.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.testing.Waiting;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DrainTest {

    private final InferenceMeters meters = new InferenceMeters(new SimpleMeterRegistry());

    @Test
    void stoppingWaitsForTheRequestsUnderWay() {
        var drain = new Drain(Parts.properties(Map.of("drain", "1h")), meters);
        Call call = Parts.patientCall();
        drain.enter(call);
        var stopped = CompletableFuture.runAsync(drain::stop, Thread::startVirtualThread);
        Waiting.until("it drains", drain::isDraining);

        assertThat(stopped).isNotDone();
        drain.leave(call);
        stopped.join();
        assertThat(call.isWanted()).isTrue();
    }

    @Test
    void nothingNewIsTakenMeanwhile() {
        var drain = new Drain(Parts.properties(Map.of()), meters);
        drain.stop();

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> drain.enter(Parts.patientCall()))
                .extracting(Problem::fault)
                .isEqualTo(Fault.UNAVAILABLE);
    }

    @Test
    void whatTakesTooLongIsGivenUpWithAReason() {
        var drain = new Drain(Parts.properties(Map.of("drain", "1ms")), meters);
        Call call = Parts.patientCall();
        drain.enter(call);
        var stopped = CompletableFuture.runAsync(drain::stop, Thread::startVirtualThread);
        Waiting.until("the call is given up", () -> !call.isWanted());
        drain.leave(call);
        stopped.join();

        assertThat(call.whyUnwanted()).hasMessageContaining("shutting down and could wait no longer");
    }
}
