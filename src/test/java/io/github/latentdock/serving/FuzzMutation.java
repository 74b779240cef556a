package io.github.latentdock.serving;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Spoils a request in one or two ways, which the random generator chooses. */
final class FuzzMutation {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** Stands for what is put in its place as text, since no tree could hold it. */
    private static final String PLACE = "\"@@\"";

    private static final List<String> TOKENS = List.of(
            "null",
            "true",
            "-1",
            "0",
            "1",
            "2147483648",
            "9223372036854775808",
            "1e400",
            "-1e-400",
            "1.5",
            "NaN",
            "Infinity",
            "9".repeat(900),
            "9".repeat(1200),
            "\"\"",
            "\"x\"",
            "\"\\u0000\\ud800\"",
            "\"\u202e模型\"",
            "{}",
            "[]",
            "[[]]",
            "{\"a\":{\"b\":[]}}",
            "[".repeat(9) + "]".repeat(9),
            "[".repeat(2000),
            "{\"a\":".repeat(70),
            "\"" + "y".repeat(70_000) + "\"",
            "1, \"count\": 2, \"instances\": [], \"latents\": 3",
            "'x'",
            "// c\n1",
            "0x10",
            "01",
            "+1");

    private static final List<String> TYPES = List.of(
            "application/json",
            "application/octet-stream",
            "application/x-npy",
            "image/png",
            "image/jpeg",
            "image/gif",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/json; charset=klingon",
            "application/*",
            "*/*",
            "json",
            ";",
            "a/b/c",
            "application/problem+json",
            "application/yaml",
            "IMAGE/PNG; q=2");

    private static final List<String> ACCEPTS = List.of(
            "*/*",
            "text/html",
            "application/json",
            "application/problem+json",
            "image/png",
            "image/jpeg",
            "image/*;q=0.1, */*;q=0.2",
            "application/x-npy",
            "application/octet-stream",
            "text/event-stream",
            "nonsense",
            "a/b;q=9",
            ";",
            ",",
            "application/json;q=0",
            "application/json;charset=klingon",
            "x".repeat(3000),
            "application/yaml",
            "text/html, application/xhtml+xml, */*;q=0");

    private static final List<String> VALUES = List.of(
            "",
            "true",
            "false",
            "-1",
            "0",
            "1",
            "1e9",
            "2147483648",
            "NaN",
            "null",
            "%00",
            "%ff",
            "[]",
            "squared",
            "%F0%9F%92%A9",
            "..%2f",
            "%25zz",
            "9".repeat(400),
            "1&seed=2",
            "%E6%A8%A1");

    private static final List<String> PARAMETERS = List.of(
            "optimize",
            "resize",
            "draw",
            "seed",
            "maxIterations",
            "starts",
            "tolerance",
            "prior",
            "loss",
            "mask",
            "falseAlarmRate",
            "instances",
            "columns",
            "x");

    private static final List<String> SEGMENTS = List.of(
            "..",
            ".",
            "%2e%2e",
            "a%20b",
            "%00",
            "%0d%0a",
            "FASHION-AE",
            "fashion-ae;x=y",
            "%E6%A8%A1",
            "0",
            "-1",
            "99999999999",
            "1.0",
            "default",
            "encode",
            "versions",
            "%3Cb%3E",
            ".draft-parts",
            "x".repeat(200),
            "%F0%9F%92%A9",
            "fashion-ad");

    private static final List<String> HEADERS = List.of(
            "X-Timeout-Ms",
            "Accept-Language",
            "Accept-Charset",
            "Cookie",
            "Origin",
            "Range",
            "If-None-Match",
            "X-HTTP-Method-Override",
            "X-Forwarded-For",
            "Forwarded",
            "Authorization",
            "Content-Encoding",
            "Accept-Encoding",
            "Access-Control-Request-Method");

    private static final List<String> METHODS = List.of("GET", "PUT", "PATCH", "OPTIONS", "TRACE", "FOO", "POST");

    private final Random random;
    private final List<FuzzRequest> corpus;

    FuzzMutation(long seed, List<FuzzRequest> corpus) {
        this.random = new Random(seed);
        this.corpus = corpus;
    }

    FuzzRequest next() {
        FuzzRequest request = corpus.get(random.nextInt(corpus.size()));
        for (int i = random.nextInt(4) == 0 ? 2 : 1; i > 0; i--) {
            request = random.nextInt(4) == 0 ? ofHead(request) : ofBody(request);
        }
        return request;
    }

    private FuzzRequest ofHead(FuzzRequest request) {
        return switch (random.nextInt(8)) {
            case 0 -> request.with("Content-Type", any(TYPES));
            case 1 -> request.without("Content-Type");
            case 2 -> request.with("Accept", any(ACCEPTS));
            case 3 ->
                request.with(
                        any(HEADERS),
                        any(List.of("", "-1", "0", "x", "1e3", "bytes=0-1", "gzip", "*", ";;=", "9".repeat(50))));
            case 4 -> request.withMethod(any(METHODS));
            case 5, 6 ->
                request.withPath(request.path() + (request.path().contains("?") ? "&" : "?") + any(PARAMETERS) + "="
                        + any(VALUES));
            default -> {
                String[] segments = request.path().split("/", -1);
                segments[1 + random.nextInt(segments.length - 1)] = any(SEGMENTS);
                yield request.withPath(String.join("/", segments));
            }
        };
    }

    private FuzzRequest ofBody(FuzzRequest request) {
        return request.isJson() && random.nextInt(3) > 0
                ? request.withBody(ofJson(request.body()))
                : request.withBody(ofBytes(request.body()));
    }

    private byte[] ofJson(byte[] body) {
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (RuntimeException e) {
            return ofBytes(body);
        }
        List<JsonNode> holders = new ArrayList<>();
        collect(root, holders);
        if (holders.isEmpty()) {
            return ofBytes(body);
        }
        JsonNode holder = random.nextBoolean() ? holders.getFirst() : any(holders);
        String fresh = PLACE.substring(1, PLACE.length() - 1);
        if (holder instanceof ObjectNode object && !object.isEmpty()) {
            String key = any(List.copyOf(object.propertyNames()));
            switch (random.nextInt(4)) {
                case 0 -> object.remove(key);
                case 1 -> object.set(any(List.of("", "x", "@", "\u0000", "模", key + "s")), object.remove(key));
                default -> object.put(key, fresh);
            }
        } else if (holder instanceof ArrayNode array && !array.isEmpty()) {
            int at = random.nextInt(array.size());
            switch (random.nextInt(4)) {
                case 0 -> array.remove(at);
                case 1 -> array.add(array.get(at).deepCopy());
                default -> array.set(at, JSON.getNodeFactory().stringNode(fresh));
            }
        }
        return JSON.writeValueAsString(root).replace(PLACE, any(TOKENS)).getBytes(StandardCharsets.UTF_8);
    }

    private static void collect(JsonNode node, List<JsonNode> holders) {
        if (node.isContainer()) {
            holders.add(node);
            node.forEach(child -> collect(child, holders));
        }
    }

    private byte[] ofBytes(byte[] body) {
        if (body.length == 0) {
            return random.nextInt(4) == 0 ? any(corpus).body() : body;
        }
        int at = random.nextInt(body.length);
        return switch (random.nextInt(7)) {
            case 0 -> Arrays.copyOf(body, at);
            case 1 -> Arrays.copyOfRange(body, at, body.length);
            case 2 -> joined(Arrays.copyOf(body, at), noise(), Arrays.copyOfRange(body, at, body.length));
            case 3 -> spliced(body, at, any(corpus).body());
            default -> flipped(body);
        };
    }

    private byte[] noise() {
        byte[] noise = new byte[1 + random.nextInt(16)];
        random.nextBytes(noise);
        return noise;
    }

    private byte[] spliced(byte[] body, int at, byte[] other) {
        int from = other.length == 0 ? 0 : random.nextInt(other.length);
        return joined(Arrays.copyOf(body, at), Arrays.copyOfRange(other, from, other.length), new byte[0]);
    }

    /** Mostly near the beginning, where the headers of all formats are. */
    private byte[] flipped(byte[] body) {
        byte[] flipped = body.clone();
        int bound = random.nextBoolean() ? Math.min(200, body.length) : body.length;
        for (int i = random.nextInt(8); i >= 0; i--) {
            int at = random.nextInt(bound);
            flipped[at] = (byte) (random.nextBoolean() ? flipped[at] ^ 1 << random.nextInt(8) : random.nextInt(256));
        }
        return flipped;
    }

    private static byte[] joined(byte[] a, byte[] b, byte[] c) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length + c.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        System.arraycopy(c, 0, joined, a.length + b.length, c.length);
        return joined;
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
