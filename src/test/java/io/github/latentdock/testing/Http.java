package io.github.latentdock.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of the running service that leaves judging to the test. */
public final class Http {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final String base;

    public Http(int port) {
        this.base = "http://127.0.0.1:" + port;
    }

    /** What came back. */
    public record Answer(int status, java.net.http.HttpHeaders headers, byte[] body) {

        public JsonNode json() {
            return JSON.readTree(body);
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public String header(String name) {
            return headers.firstValue(name).orElse("");
        }

        /** The body as little-endian float32. */
        public float[] floats() {
            float[] values = new float[body.length / 4];
            ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            return values;
        }

        /** All numbers below a field, in order. */
        public float[] floats(String field) {
            return numbers(json().path(field));
        }
    }

    public Answer get(String path) {
        return send(request(path).GET());
    }

    /** A JSON object as maps and lists. */
    public static Map<String, Object> json(String object) {
        return JsonMapper.shared().readValue(object, new TypeReference<>() {});
    }

    public Answer post(String path, Object body) {
        return post(path, "application/json", JSON.writeValueAsBytes(body));
    }

    /** @param headers names and values in turn */
    public Answer post(String path, String contentType, byte[] body, String... headers) {
        HttpRequest.Builder request =
                request(path).header("Content-Type", contentType).POST(BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    public Answer send(String method, String path, Object body) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
    }

    public Answer delete(String path) {
        return send(request(path).DELETE());
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(120));
    }

    public Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public HttpClient client() {
        return client;
    }

    /** Little-endian float32. */
    public static byte[] raw(float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    /** Values as nested lists of a shape, for JSON. */
    public static Object nested(float[] values, int... shape) {
        if (shape.length == 0) {
            return values[0];
        }
        int size = values.length / shape[0];
        int[] rest = Arrays.copyOfRange(shape, 1, shape.length);
        Object[] rows = new Object[shape[0]];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = nested(Arrays.copyOfRange(values, i * size, (i + 1) * size), rest);
        }
        return rows;
    }

    private static float[] numbers(JsonNode node) {
        if (node.isNumber()) {
            return new float[] {node.floatValue()};
        }
        float[][] parts = new float[node.size()][];
        int total = 0;
        for (int i = 0; i < parts.length; i++) {
            parts[i] = numbers(node.get(i));
            total += parts[i].length;
        }
        float[] all = new float[total];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
