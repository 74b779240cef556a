package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Metrics;
import io.github.latentdock.testing.Npz.Array;
import io.github.latentdock.testing.RawClient;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.json.JsonMapper;

/**
 * Nobody computes for clients that left. The long search would take many minutes; every wait here ends after one at most. Long
 * work may hold all lanes but one, so with as many long searches as that the next one waits.
 */
class DisconnectTest extends RunningService {

    private static final String OPTIMIZE = "/v1/models/fashion-ad/optimize";
    private static final String LONG_TIME = "X-Timeout-Ms: 600000";
    private static final int LONG_LANES = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);

    private final Array x = expected("fashion-ad").get("fit_x");
    private final RawClient[] holders = new RawClient[LONG_LANES];

    @LocalServerPort
    private int port;

    @AfterEach
    void everythingStops() {
        release();
        Waiting.until("the lanes are idle", () -> metrics().sum("latentdock_lanes_busy") == 0);
    }

    @Test
    void aSearchStopsWhenItsClientLeaves() {
        double before = cancelled();
        var client = new RawClient(port).send(longSearch());
        Waiting.until("a lane is busy", () -> metrics().sum("latentdock_lanes_busy") == 1);
        client.close();

        Waiting.until("the lane is idle", () -> metrics().sum("latentdock_lanes_busy") == 0);
        Waiting.until("it is counted", () -> cancelled() == before + 1);
    }

    @Test
    void aStreamedSearchStopsWhenItsClientLeaves() {
        double before = cancelled();
        var client = new RawClient(port).send(longSearch("Accept: text/event-stream"));
        Waiting.until("a lane is busy", () -> metrics().sum("latentdock_lanes_busy") == 1);
        client.close();

        Waiting.until("the lane is idle", () -> metrics().sum("latentdock_lanes_busy") == 0);
        Waiting.until("it is counted", () -> cancelled() == before + 1);
    }

    @Test
    void aSearchThatWaitsIsTakenOutOfTheQueueWhenItsClientLeaves() {
        holdLongLanes();
        leaveWhileWaiting(longSearch());

        assertThat(metrics().sum("latentdock_lanes_busy")).isEqualTo(LONG_LANES);
    }

    @Test
    void aStreamedSearchThatWaitsIsTakenOutOfTheQueueWhenItsClientLeaves() {
        holdLongLanes();
        leaveWhileWaiting(longSearch("Accept: text/event-stream"));

        assertThat(metrics().sum("latentdock_lanes_busy")).isEqualTo(LONG_LANES);
    }

    @Test
    void aCancelledRequestIsNoSuccess() {
        holdLongLanes();
        double before = answered("optimize", "cancelled");
        leaveWhileWaiting(longSearch());

        Waiting.until("it is counted as cancelled", () -> answered("optimize", "cancelled") == before + 1);
    }

    @Test
    void aStreamThatIsLeftAfterItsFirstEventIsNoSuccess() {
        double before = answered("optimizeEvents", "cancelled");
        new RawClient(port).send(longSearch("Accept: text/event-stream")).leaveAsSoonAsItIsAnswered();

        Waiting.until("it is counted as cancelled", () -> answered("optimizeEvents", "cancelled") == before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/octet-stream"})
    void anAnswerThatIsLeftWhileItIsWrittenIsNoSuccess(String type) {
        double before = answered("sample", "cancelled");
        byte[] request = RawClient.post("/v1/models/fashion-ad/sample", "{\"count\": 1024}", "Accept: " + type);

        // A machine in a hurry may have taken all of an answer before the client is gone: then another client does the
        // same.
        Waiting.until("one is counted as cancelled", () -> {
            new RawClient(port).send(request).leaveAsSoonAsItIsAnswered();
            return answered("sample", "cancelled") > before;
        });
    }

    @Test
    void aClientThatSendsItsNextRequestEarlyIsStillThere() {
        holdLongLanes();
        try (var client = new RawClient(port)) {
            client.send(shortSearch()).send(RawClient.get("/livez"));
            untilLookedAtTwice();
            release();

            assertThat(client.answer().status()).isEqualTo(200);
            assertThat(client.answer().text()).contains("UP");
        }
    }

    @Test
    void aClientThatSendsItsNextRequestByteByByteIsStillThere() {
        holdLongLanes();
        byte[] next = RawClient.get("/livez");
        try (var client = new RawClient(port)) {
            client.send(shortSearch()).send(Arrays.copyOf(next, 1));
            untilLookedAtTwice();
            client.send(Arrays.copyOfRange(next, 1, 2));
            untilLookedAtTwice();
            release();
            assertThat(client.answer().status()).isEqualTo(200);
            client.send(Arrays.copyOfRange(next, 2, next.length));

            assertThat(client.answer().text()).contains("UP");
        }
    }

    @Test
    void aClientThatSentItsBodyInChunksIsStillThere() {
        holdLongLanes();
        byte[] body = shortSearchBody().getBytes(StandardCharsets.UTF_8);
        var request = new ByteArrayOutputStream();
        request.writeBytes(ascii(
                "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n"
                        .formatted(OPTIMIZE, body.length)));
        request.writeBytes(body);
        try (var client = new RawClient(port)) {
            client.send(request.toByteArray()).send(ascii("\r\n0\r\n\r\n"));
            untilLookedAtTwice();
            release();

            assertThat(client.answer().status()).isEqualTo(200);
            assertThat(client.send(RawClient.get("/livez")).answer().text()).contains("UP");
        }
    }

    private void holdLongLanes() {
        for (int i = 0; i < LONG_LANES; i++) {
            holders[i] = new RawClient(port).send(longSearch());
        }
        Waiting.until("long work holds its lanes", () -> metrics().sum("latentdock_lanes_busy") == LONG_LANES);
    }

    private void release() {
        for (int i = 0; i < LONG_LANES; i++) {
            if (holders[i] != null) {
                holders[i].close();
            }
        }
    }

    private void leaveWhileWaiting(byte[] search) {
        double before = cancelled();
        double waiting = waitingRows();
        try (var client = new RawClient(port)) {
            client.send(search);
            Waiting.until("the search waits", () -> waitingRows() > waiting);
        }
        Waiting.until("it waits no longer", () -> waitingRows() == waiting);
        Waiting.until("it is counted", () -> cancelled() == before + 1);
    }

    /** Requests are looked at in turns of the same length: whoever came earlier was looked at when one that left was seen to. */
    private void untilLookedAtTwice() {
        leaveWhileWaiting(longSearch());
        leaveWhileWaiting(longSearch());
    }

    private byte[] longSearch(String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = LONG_TIME;
        return RawClient.post(
                OPTIMIZE,
                JsonMapper.shared()
                        .writeValueAsString(Map.of(
                                "instances", instances(8), "starts", 64, "maxIterations", 10_000, "tolerance", 0)),
                all);
    }

    private byte[] shortSearch() {
        return RawClient.post(OPTIMIZE, shortSearchBody());
    }

    private String shortSearchBody() {
        return JsonMapper.shared().writeValueAsString(Map.of("instances", instances(1), "maxIterations", 1));
    }

    private Object instances(int rows) {
        return Http.nested(Arrays.copyOf(x.values(), rows * 784), rows, 1, 28, 28);
    }

    private Metrics metrics() {
        return Metrics.of(http);
    }

    private double waitingRows() {
        return metrics().sum("latentdock_queue_rows", "model=\"fashion-ad\"", "operation=\"optimize\"");
    }

    private double cancelled() {
        return metrics().sum("latentdock_rejections_total", "reason=\"cancelled\"");
    }

    private double answered(String operation, String outcome) {
        return metrics()
                .sum(
                        "latentdock_inference_seconds_count",
                        "model=\"fashion-ad\"",
                        "operation=\"%s\"".formatted(operation),
                        "outcome=\"%s\"".formatted(outcome));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
