package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.RawClient;
import io.github.latentdock.testing.RawClient.Answer;
import io.github.latentdock.testing.RunningService;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Clients that announce a body and send it byte by byte, for ever. */
@TestPropertySource(properties = "latentdock.inference.body-timeout=300ms")
class SlowBodiesTest extends RunningService {

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
        String[] parts = request.split("\n");
        String head = "%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: 100000\r\n\r\n"
                .formatted(parts[0], parts[1]);
        try (var client = new RawClient(port);
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            client.send(head.getBytes(StandardCharsets.US_ASCII));
            var trickle = clock.scheduleAtFixedRate(() -> trickle(client), 0, 50, TimeUnit.MILLISECONDS);
            Answer answer = client.answer();
            trickle.cancel(true);

            assertThat(answer.status()).as(answer.text()).isEqualTo(408);
            assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
            assertThat(answer.headers()).containsEntry("connection", "close");
            assertThat(answer.text()).contains("0.3 s").containsOnlyOnce("\"status\"");
        }
    }

    private static void trickle(RawClient client) {
        try {
            client.send(new byte[] {' '});
        } catch (UncheckedIOException closed) {
            // The service wants no more.
        }
    }
}
