package io.github.latentdock.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.testing.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What cannot be computed, or need not be, is answered all the same, and harms nobody else. */
class LanesFaultsTest extends RunningLanes {

    @Test
    void aFullQueueRefusesAndTellsHowManyRowsWait() {
        Lanes lanes = lanes(1);
        LaneQueue<String, String> queue = queue("encode", false, gate());
        ask(lanes, queue, "first", 1);
        untilBusy();
        ask(lanes, queue, "a", CAPACITY_ROWS - 2);

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> lanes.call(queue, "b", 3, Parts.patientCall()))
                .withMessageContaining("18 rows wait for encode of model 'fashion-ae' and 3 more do not fit")
                .extracting(Problem::fault)
                .isEqualTo(Fault.OVERLOADED);
        assertThat(rejections("queue-full")).isEqualTo(1);
    }

    @Test
    void aQueueThatWasFullTakesWhatFitsAgain() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> queue = queue("encode", false, gate);
        ask(lanes, queue, "first", 1);
        untilBusy();
        CompletableFuture<String> all = ask(lanes, queue, "a", CAPACITY_ROWS);
        gate.letAll();
        all.join();

        assertThat(lanes.call(queue, "b", CAPACITY_ROWS, Parts.patientCall())).isEqualTo("B");
    }

    @Test
    void onlyTheBadOneOfABatchFails() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> queue = queue("encode", false, gate);
        ask(lanes, queue, "first", 1);
        untilBusy();
        CompletableFuture<String> before = ask(lanes, queue, "a", 1);
        CompletableFuture<String> bad = ask(lanes, queue, "bad", 1);
        CompletableFuture<String> after = ask(lanes, queue, "b", 1);
        gate.letAll();

        assertThat(before.join()).isEqualTo("A");
        assertThat(after.join()).isEqualTo("B");
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(bad::join)
                .withRootCauseInstanceOf(IllegalArgumentException.class);
        assertThat(gate.batches)
                .containsExactly(
                        List.of("first"), List.of("a", "bad", "b"), List.of("a"), List.of("bad"), List.of("b"));
    }

    @Test
    void whatWaitedPastItsDeadlineIsNotComputed() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> queue = queue("encode", false, gate);
        ask(lanes, queue, "first", 1);
        untilBusy();

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> lanes.call(queue, "late", 1, new Call(Duration.ofMillis(1), () -> false)))
                .extracting(Problem::fault)
                .isEqualTo(Fault.DEADLINE_EXCEEDED);
        assertThat(lanes.waitingRows(queue)).isZero();
        gate.letAll();
        lanes.call(queue, "next", 1, Parts.patientCall());
        assertThat(gate.batches).containsExactly(List.of("first"), List.of("next"));
        assertThat(rejections("deadline")).isEqualTo(1);
    }

    @Test
    void whatIsGivenUpWhileItWaitsTellsHowLongItWaited() {
        Lanes lanes = lanes(1);
        LaneQueue<String, String> queue = queue("encode", false, gate());
        ask(lanes, queue, "first", 1);
        untilBusy();
        var call = new Call(Duration.ofMillis(200), () -> false);

        assertThatExceptionOfType(Problem.class).isThrownBy(() -> lanes.call(queue, "late", 1, call));
        // Its deadline began a little before it queued.
        assertThat(millis(call, "queue")).isGreaterThan(10);
        assertThat(millis(call, "infer")).isZero();
    }

    @Test
    void whatIsGivenUpWhileItRunsTellsHowLongItRan() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> queue = queue("optimize", true, gate);
        var call = new Call(Duration.ofMillis(400), () -> false);

        assertThatExceptionOfType(Problem.class).isThrownBy(() -> lanes.call(queue, "long", 1, call));
        double ran = millis(call, "infer");
        assertThat(ran).isPositive();
        gate.letAll();
        lanes.call(queue, "next", 1, Parts.patientCall());
        assertThat(millis(call, "infer")).as("it is not counted twice").isEqualTo(ran);
    }

    @Test
    void whatFailsTellsHowLongItRan() {
        Call call = Parts.patientCall();

        assertThatIllegalStateException()
                .isThrownBy(() -> lanes(1).call(queue("encode", false, Gate.open()), "bad", 1, call));
        assertThat(millis(call, "infer")).isPositive();
    }

    private static double millis(Call call, String part) {
        Matcher told = Pattern.compile(part + ";dur=([0-9.]+)").matcher(call.serverTiming());
        assertThat(told.find()).isTrue();
        return Double.parseDouble(told.group(1));
    }

    @Test
    void whoseClientLeftIsNotComputed() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> queue = queue("encode", false, gate);
        ask(lanes, queue, "first", 1);
        untilBusy();

        assertThatExceptionOfType(ClientGoneException.class)
                .isThrownBy(() -> lanes.call(queue, "gone", 1, new Call(Duration.ofHours(1), () -> true)));
        gate.letAll();
        lanes.call(queue, "next", 1, Parts.patientCall());
        assertThat(gate.batches).containsExactly(List.of("first"), List.of("next"));
        assertThat(rejections("cancelled")).isEqualTo(1);
    }

    @Test
    void whoeverWaitsForARequestOfAnotherThreadLearnsThatItWasGivenUp() {
        Lanes lanes = lanes(1);
        LaneQueue<String, String> queue = queue("encode", false, gate());
        ask(lanes, queue, "first", 1);
        untilBusy();
        Call call = Parts.patientCall();
        CompletableFuture<String> waiting = ask(lanes, queue, "a", 1, call);
        call.abandon();

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(waiting::join)
                .withCauseInstanceOf(ClientGoneException.class);
        assertThat(lanes.waitingRows(queue)).isZero();
    }

    @Test
    void onlyARequestsOwnThreadLooksAtItsConnection() {
        var looked = new AtomicBoolean();
        var call = new Call(Duration.ofHours(1), () -> {
            looked.set(true);
            return true;
        });

        assertThat(CompletableFuture.supplyAsync(call::clientIsGone, Thread::startVirtualThread)
                        .join())
                .isFalse();
        assertThat(looked).isFalse();
        assertThat(call.clientIsGone()).isTrue();
    }

    @Test
    void anErrorFailsItsRequestAndNotTheLane() {
        Lanes lanes = lanes(1);
        LaneQueue<String, String> queue = queue("encode", false, Gate.open());

        assertThatIllegalStateException()
                .isThrownBy(() -> lanes.call(queue, "error", 1, Parts.patientCall()))
                .withMessage("encode of model 'fashion-ae' failed")
                .withCauseInstanceOf(StackOverflowError.class);
        assertThat(lanes.call(queue, "next", 1, Parts.patientCall())).isEqualTo("NEXT");
        Waiting.until("the lane is idle", () -> busyLanes() == 0);
    }

    @Test
    void whatWaitsForAModelThatIsClosedIsToldSo() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LoadedModel closing = Parts.fashionAe();
        var queue = new LaneQueue<>(closing, "encode", false, CAPACITY_ROWS, BATCH_ROWS, gate);
        LaneQueue<String, String> other = queue("decode", false, gate);
        ask(lanes, other, "first", 1);
        untilBusy();
        CompletableFuture<String> waiting = ask(lanes, queue, "a", 1);
        closing.release();
        gate.letAll();

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(waiting::join)
                .withCauseInstanceOf(Problem.class)
                .withMessageContaining("Version 1 of model 'fashion-ae' has been unloaded");
        assertThat(gate.batches).containsExactly(List.of("first"));
    }

    @Test
    void aModelIsFreedWhenItsLastBatchEnds() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LoadedModel closing = Parts.fashionAe();
        var closed = new CompletableFuture<Void>();
        closing.onClose(() -> closed.complete(null));
        var queue = new LaneQueue<>(closing, "encode", false, CAPACITY_ROWS, BATCH_ROWS, gate);
        ask(lanes, queue, "a", 1);
        Waiting.until("the batch runs", () -> !gate.batches.isEmpty());
        closing.release();

        assertThat(closed).isNotDone();
        gate.letAll();
        closed.join();
    }

    @Test
    void closingLetsWhatRunsEndAndRefusesWhatWaits() throws Exception {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> queue = queue("encode", false, gate);
        CompletableFuture<String> running = ask(lanes, queue, "a", 1);
        untilBusy();
        CompletableFuture<String> waiting = ask(lanes, queue, "b", 1);
        var closing = CompletableFuture.runAsync(() -> close(lanes), Thread::startVirtualThread);

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(waiting::join)
                .withMessageContaining("shutting down");
        gate.letAll();
        assertThat(running.join()).isEqualTo("A");
        closing.join();
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> lanes.call(queue, "c", 1, Parts.patientCall()))
                .extracting(Problem::fault)
                .isEqualTo(Fault.UNAVAILABLE);
    }

    private static void close(Lanes lanes) {
        try {
            lanes.close();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
