package io.github.latentdock.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.testing.Waiting;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BodyArrivalTest {

    private final CountDownLatch input = new CountDownLatch(1);
    private final AtomicBoolean ended = new AtomicBoolean();
    private final BodyArrival arrival = new BodyArrival(() -> 0, () -> {
        ended.set(true);
        input.countDown();
    });

    @Test
    void aReadThatHangsEndsWithItsRequest() {
        Call call = Parts.patientCall();
        arrival.watch(bytes -> call.isWanted() ? null : call.whyUnwanted());
        var reading = new CountDownLatch(1);
        var body = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return arrival.read(() -> hang(reading));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                },
                Thread::startVirtualThread);
        Waiting.until("it hangs", () -> reading.getCount() == 0);
        arrival.look();
        assertThat(ended).isFalse();
        call.giveUp(Problem.of(Fault.UNAVAILABLE, "The service is shutting down"));
        arrival.look();

        assertThatThrownBy(body::join).hasMessageContaining("shutting down");
    }

    @Test
    void nothingIsReadForARequestThatHasEnded() {
        arrival.watch(bytes -> Problem.of(Fault.REQUEST_TIMEOUT, "late"));

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> arrival.read(() -> {
                    throw new AssertionError("it is read");
                }));
    }

    @Test
    void aRequestThatComputesKeepsItsConnection() throws IOException {
        var patient = new AtomicBoolean(true);
        arrival.watch(bytes -> patient.get() ? null : Problem.of(Fault.REQUEST_TIMEOUT, "late"));
        arrival.read(() -> 1);
        patient.set(false);
        arrival.look();

        assertThat(ended).isFalse();
    }

    @Test
    void whatNobodyWaitsForIsSwallowedNoLonger() {
        arrival.waitFor(bytes -> Problem.of(Fault.REQUEST_TIMEOUT, "late"));
        arrival.look();

        assertThat(ended).isTrue();
    }

    @Test
    void theNextRequestIsWaitedFor() throws IOException {
        arrival.waitFor(bytes -> Problem.of(Fault.REQUEST_TIMEOUT, "late"));
        arrival.begin();
        arrival.look();

        assertThat(ended).isFalse();
        assertThat(arrival.read(() -> 7)).isEqualTo(7);
    }

    @Test
    void aReadThatFailedIsNotTriedAgain() {
        var reads = new AtomicInteger();
        BodyArrival.Read silent = () -> {
            reads.incrementAndGet();
            throw new SocketTimeoutException();
        };

        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> arrival.read(silent));
        }
        assertThat(reads).hasValue(1);
    }

    private int hang(CountDownLatch reading) throws IOException {
        reading.countDown();
        try {
            input.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        throw new EOFException();
    }
}
