package io.github.latentdock.serving;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.Pictures;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import tools.jackson.databind.json.JsonMapper;

/** Valid requests for every operation in every format. None changes more than the model {@code fuzz} and datasets of their own. */
final class FuzzCorpus {

    /** The model that requests publish versions of. */
    static final String MODEL = "/v1/models/fuzz";

    private static final String JSON = "application/json";
    private static final String RAW = "application/octet-stream";
    private static final String NPY = "application/x-npy";
    private static final String PNG = "image/png";
    private static final String JPEG = "image/jpeg";
    private static final String BOUNDARY = "fuzz-boundary";
    private static final String MANIFEST = """
            {"name": "fuzz", "kind": "ae", "format": "safetensors", "input": {"shape": [4]}, "latent": {"shape": [2]},
             "network": {"encoder": [{"type": "Linear", "in_features": 4, "out_features": 2}],
                         "decoder": [{"type": "Linear", "in_features": 2, "out_features": 4}]}}
            """;

    private final List<FuzzRequest> requests = new ArrayList<>();

    private FuzzCorpus() {}

    static List<FuzzRequest> requests() throws IOException {
        var corpus = new FuzzCorpus();
        for (String model : List.of("fashion-ae", "fashion-vae", "fashion-ad", "fashion-ae-ts")) {
            corpus.addInference("/v1/models/" + model, model.contains("vae") ? 16 : 32);
        }
        corpus.addEdits();
        corpus.addDatasets();
        return corpus.requests;
    }

    private void addInference(String model, int latentSize) throws IOException {
        float[] x = Arrays.copyOf(
                Npz.read("/reference/fashion-ae/expected.npz").get("x").values(), 784);
        float[] z = new float[latentSize];
        Arrays.fill(z, 0.5f);
        Object instances = Http.nested(x, 1, 1, 28, 28);
        Object latents = Http.nested(z, 1, latentSize);
        Object mask = Http.nested(ones(784), 1, 1, 28, 28);
        byte[] png = Pictures.grey(x, 28, 28);
        String encoded = model.endsWith("ad") ? "?optimize=true" : "";
        add(model + "/encode" + encoded, JSON, JSON, json(Map.of("instances", instances, "draw", true, "seed", 3)));
        add(model + "/encode" + encoded, RAW, NPY, Http.raw(x));
        add(model + "/encode?draw=true&seed=4&optimize=true", NPY, RAW, npy(x, "(1, 1, 28, 28)"));
        add(model + "/decode", JSON, PNG, json(Map.of("latents", latents)));
        add(model + "/decode", NPY, JPEG, npy(z, "(1, %d)".formatted(latentSize)));
        add(model + "/versions/1/decode", RAW, JSON, Http.raw(z));
        add(model + "/reconstruct?optimize=true", PNG, PNG, png);
        add(model + "/denoise?resize=true", JPEG, JSON, jpeg(png));
        add(model + "/score?falseAlarmRate=0.1", PNG, JSON, png);
        add(model + "/sample", JSON, JSON, json(Map.of("count", 2, "seed", 1, "temperature", 0.5, "source", "prior")));
        add(
                model + "/interpolate",
                JSON,
                PNG,
                json(Map.of("from", latents, "to", latents, "steps", 3, "path", "spherical")));
        var options = Map.of("instances", instances, "mask", mask, "maxIterations", 3, "starts", 1, "prior", 0.1);
        add(model + "/optimize", JSON, JSON, json(options));
        add(model + "/optimize?maxIterations=3", PNG, "text/event-stream", png);
        add(model + "/versions/default/optimize?maxIterations=2&tolerance=0.1&loss=squared", RAW, RAW, Http.raw(x));
    }

    private void addEdits() throws IOException {
        byte[] weights = weights();
        requests.add(upload(
                part("manifest", null, MANIFEST.getBytes(StandardCharsets.UTF_8)),
                part("files", "weights.safetensors", weights)));
        requests.add(upload(part("file", "fuzz.zip", versionZip(weights))));
        requests.add(new FuzzRequest(
                "PUT",
                MODEL + "/aliases/canary",
                List.of("Content-Type", JSON, "Accept", JSON),
                json(Map.of("version", 1))));
        for (String path : List.of("/v1/models", MODEL, MODEL + "/versions/1")) {
            requests.add(new FuzzRequest("GET", path, List.of("Accept", JSON), new byte[0]));
        }
        requests.add(new FuzzRequest("GET", MODEL + "/versions/1/samples.png", List.of("Accept", PNG), new byte[0]));
        requests.add(new FuzzRequest("DELETE", MODEL + "/versions/99", List.of("Accept", JSON), new byte[0]));
        requests.add(new FuzzRequest("DELETE", MODEL + "/aliases/none", List.of("Accept", JSON), new byte[0]));
    }

    private void addDatasets() throws IOException {
        byte[] pixels = npy(ones(12), "(3, 2, 2)");
        requests.add(dataset(
                part("name", null, "fuzz-a".getBytes(StandardCharsets.UTF_8)),
                part("missing", null, "nan".getBytes(StandardCharsets.UTF_8)),
                part("file", "x.npy", pixels),
                part("mask", "mask.npy", pixels)));
        requests.add(dataset(
                part("name", null, "fuzz-b".getBytes(StandardCharsets.UTF_8)),
                part("header", null, "true".getBytes(StandardCharsets.UTF_8)),
                part("file", "x.csv", "label,a,b\nx,1,2\ny,3,4\n".getBytes(StandardCharsets.UTF_8)),
                part("groups", "groups.txt", "1\n1\n".getBytes(StandardCharsets.UTF_8))));
        requests.add(dataset(
                part("name", null, "fuzz-c".getBytes(StandardCharsets.UTF_8)),
                part("format", null, "npz".getBytes(StandardCharsets.UTF_8)),
                part("file", "x.npz", zip(Map.of("x.npy", pixels, "labels.npy", npy(ones(3), "(3,)"))))));
        requests.add(dataset(
                part("name", null, "fuzz-d".getBytes(StandardCharsets.UTF_8)),
                part("resize", null, "3x2".getBytes(StandardCharsets.UTF_8)),
                part("file", "x.zip", zip(Map.of("coat/a.png", Pictures.grey(ones(12), 3, 4))))));
        for (String path : List.of("", "/fashion-mnist-sample", "/fashion-mnist-sample/preview")) {
            requests.add(new FuzzRequest("GET", "/v1/datasets" + path, List.of("Accept", "*/*"), new byte[0]));
        }
        requests.add(new FuzzRequest("DELETE", "/v1/datasets/none", List.of("Accept", JSON), new byte[0]));
    }

    private void add(String path, String type, String accept, byte[] body) {
        requests.add(FuzzRequest.post(path, type, accept, body));
    }

    /** The first upload, which needs no spoiling. */
    static FuzzRequest upload() throws IOException {
        return upload(part("file", "fuzz.zip", versionZip(weights())));
    }

    private static FuzzRequest upload(byte[]... parts) {
        return multipart(MODEL + "/versions", parts);
    }

    private static FuzzRequest dataset(byte[]... parts) {
        return multipart("/v1/datasets", parts);
    }

    private static FuzzRequest multipart(String path, byte[]... parts) {
        var body = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            body.writeBytes(part);
        }
        body.writeBytes("--%s--\r\n".formatted(BOUNDARY).getBytes(StandardCharsets.UTF_8));
        return FuzzRequest.post(path, "multipart/form-data; boundary=" + BOUNDARY, JSON, body.toByteArray());
    }

    private static byte[] part(String name, @org.jspecify.annotations.Nullable String file, byte[] content) {
        var part = new ByteArrayOutputStream();
        part.writeBytes("--%s\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n"
                .formatted(BOUNDARY, name, file == null ? "" : "; filename=\"%s\"".formatted(file))
                .getBytes(StandardCharsets.UTF_8));
        part.writeBytes(content);
        part.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        return part.toByteArray();
    }

    private static byte[] versionZip(byte[] weights) throws IOException {
        return zip(Map.of("model.json", MANIFEST.getBytes(StandardCharsets.UTF_8), "weights.safetensors", weights));
    }

    /** In the order of their names, so that a seed tells all of a request. */
    private static byte[] zip(Map<String, byte[]> entries) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : new TreeMap<>(entries).entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return out.toByteArray();
    }

    /** The tensors of the manifest's network, in the safetensors format. */
    private static byte[] weights() {
        String header = """
                {"encoder.0.weight":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32]},\
                "encoder.0.bias":{"dtype":"F32","shape":[2],"data_offsets":[32,40]},\
                "decoder.0.weight":{"dtype":"F32","shape":[4,2],"data_offsets":[40,72]},\
                "decoder.0.bias":{"dtype":"F32","shape":[4],"data_offsets":[72,88]}}""";
        return ByteBuffer.allocate(8 + header.length() + 88)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length())
                .put(header.getBytes(StandardCharsets.UTF_8))
                .put(Http.raw(ones(22)))
                .array();
    }

    private static byte[] npy(float[] values, String shape) {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }".formatted(shape);
        header = header + " ".repeat(117 - header.length()) + "\n";
        return ByteBuffer.allocate(128 + 4 * values.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("\u0093NUMPY\1\0".getBytes(StandardCharsets.ISO_8859_1))
                .putShort((short) 118)
                .put(header.getBytes(StandardCharsets.US_ASCII))
                .put(Http.raw(values))
                .array();
    }

    private static byte[] jpeg(byte[] png) throws IOException {
        BufferedImage image = Pictures.image(png);
        var out = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", out);
        return out.toByteArray();
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static byte[] json(Map<String, ?> body) {
        return JsonMapper.shared().writeValueAsBytes(body);
    }
}
