package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.latentdock.testing.Metrics;
import io.github.latentdock.testing.RawClient;
import io.github.latentdock.testing.RawClient.Answer;
import io.github.latentdock.testing.RunningService;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Clients that announce a body and send it byte by byte, for ever, or do so with the head of a request. */
@TestPropertySource(properties = {"latentdock.inference.body-timeout=300ms", "server.tomcat.connection-timeout=1s"})
class SlowBodiesTest extends RunningService {

    private static final int LENGTH = 100_000;

    @LocalServerPort
    private int port;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1/models/fashion-ae/encode\napplication/json",
                "POST /v1/models/fashion-ae/encode\napplication/octet-stream",
                "POST /v1/models/fashion-ae/versions\nmultipart/form-data; boundary=b",
                "PUT /v1/models/fashion-ae/aliases/a\napplication/json"
            })
    void areNotWaitedFor(String request) {
        Answer answer = answerToTrickle(request);

        assertThat(answer.status()).as(answer.text()).isEqualTo(408);
        assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
        assertThat(answer.headers()).containsEntry("connection", "close");
        assertThat(answer.text()).contains("0.3 s").containsOnlyOnce("\"status\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/octet-stream"})
    void areNotWaitedForBeyondTheDeadline(String type) {
        double before = rejectedForDeadline();
        Answer answer = answerToTrickle("POST /v1/models/fashion-ae/decode\n%s\r\nX-Timeout-Ms: 1".formatted(type));

        assertThat(answer.status()).as(answer.text()).isEqualTo(504);
        assertThat(answer.headers()).containsEntry("connection", "close").containsKey("server-timing");
        assertThat(rejectedForDeadline()).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/octet-stream", "multipart/form-data; boundary=b"})
    void thatDoNotComeAtAllAreNotWaitedFor(String type) {
        String path = type.startsWith("multipart") ? "versions" : "encode";
        try (var client = new RawClient(port)) {
            Answer answer = client.send(head("POST /v1/models/fashion-ae/%s\n%s".formatted(path, type)))
                    .answer();

            assertThat(answer.status()).as(answer.text()).isEqualTo(408);
        }
    }

    /** The answer is there at once; what the client still sends is read so that it comes to read the answer, but not for ever. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /nowhere\napplication/json",
                "POST /v1/models/fashion-ae/encode\ntext/plain",
                "POST /v1/models/fashion-ae/encode\nmultipart/form-data; boundary=b",
                "GET /v1/models\napplication/json"
            })
    void areNotReadForLongWhenTheyAreAnsweredEarly(String request) {
        try (var client = new RawClient(port)) {
            Answer answer = client.send(head(request)).answer();

            assertThat(answer.headers()).doesNotContainKey("connection");
            assertThatThrownBy(() -> sendForEver(client)).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void ofHeadsAreNotReadForLong() {
        try (var client = new RawClient(port)) {
            client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ".getBytes(StandardCharsets.US_ASCII));

            assertThatThrownBy(() -> sendForEver(client)).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void aHeadThatComesInPartsIsAnswered() {
        try (var client = new RawClient(port)) {
            for (byte b : RawClient.get("/livez")) {
                client.send(new byte[] {b});
            }

            assertThat(client.answer().text()).contains("UP");
        }
    }

    private static void sendForEver(RawClient client) {
        while (true) {
            client.send(new byte[] {' '});
            if (client.hasEnded()) {
                throw new UncheckedIOException(new EOFException("the connection has ended"));
            }
        }
    }

    @Test
    void aLateRestOfAnAnsweredBodyIsReadAndTheConnectionGoesOn() {
        try (var client = new RawClient(port)) {
            client.send(head("POST /nowhere\napplication/json"));
            assertThat(client.answer().status()).isEqualTo(404);
            client.send(new byte[LENGTH]).send(RawClient.get("/livez"));

            assertThat(client.answer().text()).contains("UP");
        }
    }

    private Answer answerToTrickle(String request) {
        try (var client = new RawClient(port);
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            client.send(head(request));
            var trickle = clock.scheduleAtFixedRate(() -> trickle(client), 0, 50, TimeUnit.MILLISECONDS);
            Answer answer = client.answer();
            trickle.cancel(true);
            return answer;
        }
    }

    private static byte[] head(String request) {
        String[] parts = request.split("\n", 2);
        return "%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                .formatted(parts[0], parts[1], LENGTH)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private double rejectedForDeadline() {
        return Metrics.of(http).sum("latentdock_rejections_total", "reason=\"deadline\"");
    }

    private static void trickle(RawClient client) {
        try {
            client.send(new byte[] {' '});
        } catch (UncheckedIOException closed) {
            // The service wants no more.
        }
    }
}
