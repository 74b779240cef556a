package io.github.latentdock.serving;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Pictures;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request that may be asked again and again.
 *
 * @param accept null to leave it to the service
 */
record Question(
        String path,
        String contentType,
        byte[] body,
        @Nullable String accept) {

    /** Float32 sums in another order: latents are of the order of 10, pixels of 1. */
    private static final double TOLERANCE = 2e-5;

    Reply ask(Http http) {
        var request = http.request("/v1/models/" + path)
                .header("Content-Type", contentType)
                .header("X-Timeout-Ms", "120000")
                .POST(BodyPublishers.ofByteArray(body));
        if (accept != null) {
            request.header("Accept", accept);
        }
        Http.Answer answer = http.send(request);
        return new Reply(
                answer.status(), answer.header("Content-Type"), answer.header("X-Model-Version"), answer.body());
    }

    record Reply(int status, String contentType, String version, byte[] body) {

        /** Whether both say the same, numbers to the precision of float32. */
        boolean saysWhat(Reply other) {
            return status == other.status
                    && contentType.equals(other.contentType)
                    && version.equals(other.version)
                    && switch (contentType) {
                        case "application/json" -> close(json(), other.json());
                        case "application/octet-stream" -> close(floats(0), other.floats(0), TOLERANCE);
                        case "application/x-npy" ->
                            Arrays.equals(body, 0, 128, other.body, 0, 128)
                                    && close(floats(128), other.floats(128), TOLERANCE);
                        // Half a grey level apart may be rounded apart.
                        case "image/png" -> close(Pictures.grey(body), Pictures.grey(other.body), 1.01 / 255);
                        default -> Arrays.equals(body, other.body);
                    };
        }

        private JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        private float[] floats(int from) {
            float[] values = new float[(body.length - from) / 4];
            ByteBuffer.wrap(body, from, body.length - from)
                    .slice()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
            return values;
        }

        private static boolean close(JsonNode a, JsonNode b) {
            if (a.isNumber() && b.isNumber()) {
                return close(a.doubleValue(), b.doubleValue(), TOLERANCE);
            }
            if (a.isValueNode() || a.size() != b.size()) {
                return a.equals(b);
            }
            boolean close = true;
            if (a.isObject()) {
                for (String name : a.propertyNames()) {
                    close &= b.has(name) && close(a.get(name), b.get(name));
                }
            } else {
                for (int i = 0; i < a.size(); i++) {
                    close &= close(a.get(i), b.get(i));
                }
            }
            return close;
        }

        private static boolean close(float[] a, float[] b, double tolerance) {
            boolean close = a.length == b.length;
            for (int i = 0; close && i < a.length; i++) {
                close = close(a[i], b[i], tolerance);
            }
            return close;
        }

        private static boolean close(double a, double b, double tolerance) {
            return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a));
        }
    }
}
