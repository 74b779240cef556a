package io.github.latentdock.inference;

import io.github.latentdock.testing.Waiting;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;

/** Lanes, queues and gates that hold lanes until a test lets them go on, so that no test depends on time. */
abstract class RunningLanes {

    static final int BATCH_ROWS = 8;
    static final int CAPACITY_ROWS = 20;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<Lanes> started = new ArrayList<>();
    private final List<Gate> gates = new ArrayList<>();
    private final LoadedModel model = Parts.fashionAe();

    @AfterEach
    void stop() throws Exception {
        gates.forEach(Gate::letAll);
        for (Lanes lanes : started) {
            lanes.close();
        }
        model.release();
    }

    Lanes lanes(int count) {
        var lanes = new Lanes(Parts.properties(Map.of("lanes", count)), new InferenceMeters(meters));
        started.add(lanes);
        return lanes;
    }

    /** A closed gate; it opens at the end of the test at the latest. */
    Gate gate() {
        var gate = new Gate();
        gates.add(gate);
        return gate;
    }

    LaneQueue<String, String> queue(String operation, boolean isLong, Gate gate) {
        return new LaneQueue<>(model, operation, isLong, CAPACITY_ROWS, BATCH_ROWS, gate);
    }

    CompletableFuture<String> ask(Lanes lanes, LaneQueue<String, String> queue, String input, int rows) {
        return ask(lanes, queue, input, rows, Parts.patientCall());
    }

    /** Asks in a thread of its own and returns when the request waits, or runs. */
    CompletableFuture<String> ask(Lanes lanes, LaneQueue<String, String> queue, String input, int rows, Call call) {
        double before = taken(lanes, queue);
        var answer =
                CompletableFuture.supplyAsync(() -> lanes.call(queue, input, rows, call), Thread::startVirtualThread);
        Waiting.until("the request is taken", () -> taken(lanes, queue) > before);
        return answer;
    }

    /** Rows that wait in a queue or have left it for a lane. */
    private double taken(Lanes lanes, LaneQueue<String, String> queue) {
        var batches = meters.find("latentdock.batch.rows")
                .tag("operation", queue.operation)
                .summary();
        return lanes.waitingRows(queue) + (batches == null ? 0 : batches.totalAmount());
    }

    void untilBusy() {
        Waiting.until("a lane is busy", () -> busyLanes() == 1);
    }

    double busyLanes() {
        return meters.get("latentdock.lanes.busy").gauge().value();
    }

    double rejections(String reason) {
        return meters.get("latentdock.rejections")
                .tag("reason", reason)
                .counter()
                .count();
    }
}
