package io.github.latentdock.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who is served when, and with whom. */
class LanesTest extends RunningLanes {

    @Test
    void anIdleLaneStartsAtOnceWhileAnotherIsBusy() {
        Lanes lanes = lanes(2);
        LaneQueue<String, String> held = queue("held", false, gate());
        ask(lanes, held, "a", 1);
        untilBusy();

        assertThat(lanes.call(queue("free", false, Gate.open()), "b", 1, Parts.patientCall()))
                .isEqualTo("B");
    }

    @Test
    void requestsAreServedInTheOrderInWhichTheyCame() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> queue = queue("encode", false, gate);
        ask(lanes, queue, "first", 1);
        untilBusy();
        for (String input : List.of("a", "b")) {
            ask(lanes, queue, input, BATCH_ROWS);
        }
        CompletableFuture<String> last = ask(lanes, queue, "c", 1);
        gate.letAll();

        assertThat(last.join()).isEqualTo("C");
        assertThat(gate.batches).containsExactly(List.of("first"), List.of("a"), List.of("b"), List.of("c"));
    }

    @Test
    void theOperationThatHasWaitedLongestIsNext() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> encode = queue("encode", false, gate);
        LaneQueue<String, String> decode = queue("decode", false, gate);
        ask(lanes, encode, "first", 1);
        untilBusy();
        ask(lanes, decode, "a", 1);
        CompletableFuture<String> last = ask(lanes, encode, "b", 1);
        gate.letAll();

        last.join();
        assertThat(gate.batches).containsExactly(List.of("first"), List.of("a"), List.of("b"));
    }

    @Test
    void whatQueuesMeanwhileGoesAsOneBatchOfAsManyRowsAsFit() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> queue = queue("encode", false, gate);
        ask(lanes, queue, "first", 1);
        untilBusy();
        ask(lanes, queue, "a", BATCH_ROWS - 3);
        CompletableFuture<String> second = ask(lanes, queue, "b", 3);
        CompletableFuture<String> third = ask(lanes, queue, "c", 1);
        gate.letAll();

        assertThat(second.join()).isEqualTo("B");
        assertThat(third.join()).isEqualTo("C");
        assertThat(gate.batches).containsExactly(List.of("first"), List.of("a", "b"), List.of("c"));
    }

    @Test
    void aRequestLargerThanABatchGoesAlone() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> queue = queue("encode", false, gate);
        ask(lanes, queue, "first", 1);
        untilBusy();
        ask(lanes, queue, "large", BATCH_ROWS + 1);
        CompletableFuture<String> last = ask(lanes, queue, "b", 1);
        gate.letAll();

        last.join();
        assertThat(gate.batches).containsExactly(List.of("first"), List.of("large"), List.of("b"));
    }

    @Test
    void longWorkLeavesALaneToShortWork() {
        Lanes lanes = lanes(2);
        LaneQueue<String, String> search = queue("optimize", true, gate());
        ask(lanes, search, "a", 1);
        untilBusy();
        ask(lanes, search, "b", 1);

        assertThat(lanes.call(queue("encode", false, Gate.open()), "short", 1, Parts.patientCall()))
                .isEqualTo("SHORT");
        assertThat(lanes.waitingRows(search)).isEqualTo(1);
    }

    @Test
    void longRequestsGoOneByOne() {
        Lanes lanes = lanes(2);
        Gate gate = gate();
        LaneQueue<String, String> search = queue("optimize", true, gate);
        ask(lanes, search, "a", 1);
        untilBusy();
        ask(lanes, search, "b", 1);
        CompletableFuture<String> last = ask(lanes, search, "c", 1);
        gate.letAll();

        last.join();
        assertThat(gate.batches).containsExactly(List.of("a"), List.of("b"), List.of("c"));
    }

    @Test
    void onASingleLaneShortWorkGoesBetweenLongWork() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> search = queue("optimize", true, gate);
        ask(lanes, search, "long 1", 1);
        untilBusy();
        ask(lanes, search, "long 2", 1);
        CompletableFuture<String> last = ask(lanes, search, "long 3", 1);
        LaneQueue<String, String> encode = queue("encode", false, gate);
        ask(lanes, encode, "short", 1);
        gate.letAll();

        last.join();
        assertThat(gate.batches)
                .containsExactly(List.of("long 1"), List.of("short"), List.of("long 2"), List.of("long 3"));
    }

    @Test
    void onASingleLaneLongWorkGoesBetweenShortWork() {
        Lanes lanes = lanes(1);
        Gate gate = gate();
        LaneQueue<String, String> encode = queue("encode", false, gate);
        ask(lanes, encode, "short 1", 1);
        untilBusy();
        ask(lanes, queue("optimize", true, gate), "long", 1);
        ask(lanes, encode, "short 2", BATCH_ROWS);
        CompletableFuture<String> last = ask(lanes, encode, "short 3", BATCH_ROWS);
        gate.letAll();

        last.join();
        assertThat(gate.batches)
                .containsExactly(List.of("short 1"), List.of("long"), List.of("short 2"), List.of("short 3"));
    }
}
