package io.github.latentdock.serving;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.Pictures;
import io.github.latentdock.testing.RunningService;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Random questions, good and bad, to both formats of every kind of model. The same seed gives the same ones. */
final class Questions {

    private static final String JSON = "application/json";
    private static final String RAW = "application/octet-stream";
    private static final String NPY = "application/x-npy";
    private static final String PNG = "image/png";
    private static final int MOST_ROWS = 40;

    private final Random random;
    private final Npz.Array pictures =
            Npz.read("/reference/fashion-ae/expected.npz").get("x");
    private final List<Question> questions = new ArrayList<>();

    private Questions(long seed) {
        this.random = new Random(seed);
    }

    static List<Question> random(long seed) {
        var questions = new Questions(seed);
        Stream.concat(RunningService.ENCODERS.stream(), RunningService.AUTO_DECODERS.stream())
                .forEach(questions::addAbout);
        return questions.questions;
    }

    private void addAbout(String model) {
        boolean autoDecoder = model.startsWith("fashion-ad");
        if (!autoDecoder) {
            for (String operation : List.of("encode", "reconstruct", "denoise", "score")) {
                json(model + "/" + operation, Map.of("instances", instances(rows())));
            }
            json(model + "/encode", Map.of("instances", instances(rows()), "draw", true, "seed", random.nextInt()));
            add(model + "/encode", NPY, npy(pictures(rows()), 1, 28, 28), NPY);
            add(model + "/reconstruct", RAW, Http.raw(pictures(rows())), RAW);
            add(model + "/reconstruct", RAW, Http.raw(pictures(1)), PNG);
            add(model + "/denoise", PNG, Pictures.grey(pictures(1), 28, 28), PNG);
            json(
                    model + "/versions/1/interpolate",
                    Map.of("from", instances(1), "to", instances(1), "steps", 2 + random.nextInt(10)));
        }
        json(model + "/decode", Map.of("latents", latents(model, rows())));
        json(model + "/versions/default/decode", Map.of("latents", latents(model, 100)));
        add(model + "/decode", RAW, Http.raw(gaussians(rows() * latentSize(model))), NPY);
        json(model + "/sample", Map.of("count", rows(), "seed", random.nextInt(), "source", "prior"));
        json(model + "/sample", Map.of("count", 200, "seed", random.nextInt(), "source", "gaussian"));
        json(model + "/interpolate", Map.of("from", latents(model, 2), "to", latents(model, 2), "path", "spherical"));
        json(model + "/optimize", Map.of("instances", instances(2), "maxIterations", 10, "seed", 1));
        addMistakes(model, autoDecoder);
    }

    private void addMistakes(String model, boolean autoDecoder) {
        if (autoDecoder) {
            json(model + "/encode", Map.of("instances", instances(1)));
        } else {
            add(model + "/encode", RAW, Http.raw(filled(784, 3e38f)), null);
            add(model + "/reconstruct", RAW, Http.raw(filled(784, Float.NaN)), RAW);
        }
        json(model + "/score", Map.of("instances", List.of(List.of(1, 2, 3))));
        add(model + "/decode", RAW, new byte[] {1, 2, 3}, null);
        add(model + "/decode", NPY, Arrays.copyOf(npy(gaussians(64), 32), 130), null);
        add(model + "/denoise", PNG, Pictures.grey(filled(30 * 30, 0.5f), 30, 30), PNG);
        add(model + "/decode", JSON, "{\"latents\": [[1, 2".getBytes(StandardCharsets.UTF_8), null);
        add(model + "/decode", "text/plain", "hello".getBytes(StandardCharsets.UTF_8), null);
        add(model + "/decode", JSON, "{\"latents\": [[1]]}".getBytes(StandardCharsets.UTF_8), "text/html");
        json(model + "/versions/77/decode", Map.of("latents", latents(model, 1)));
        json(model + "/versions/canary/decode", Map.of("latents", latents(model, 1)));
    }

    private void json(String path, Map<String, ?> body) {
        add(path, JSON, JsonMapper.shared().writeValueAsBytes(new LinkedHashMap<>(body)), null);
    }

    private void add(String path, String contentType, byte[] body, @Nullable String accept) {
        questions.add(new Question(path, contentType, body, accept));
    }

    private static int latentSize(String model) {
        return model.startsWith("fashion-vae") ? 16 : 32;
    }

    private int rows() {
        return 1 + random.nextInt(random.nextBoolean() ? 3 : MOST_ROWS);
    }

    private Object instances(int rows) {
        return Http.nested(pictures(rows), rows, 1, 28, 28);
    }

    private Object latents(String model, int rows) {
        int size = latentSize(model);
        return Http.nested(gaussians(rows * size), rows, size);
    }

    /** Pictures of the reference, some darker than others, so that no two rows are the same. */
    private float[] pictures(int rows) {
        float[] values = new float[rows * 784];
        for (int row = 0; row < rows; row++) {
            float[] picture = pictures.row(random.nextInt(pictures.shape()[0]));
            float brightness = 0.2f + 0.8f * random.nextFloat();
            for (int i = 0; i < 784; i++) {
                values[row * 784 + i] = brightness * picture[i];
            }
        }
        return values;
    }

    private float[] gaussians(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] filled(int count, float value) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }

    private static byte[] npy(float[] values, int... rowShape) {
        int size = Arrays.stream(rowShape).reduce(1, Math::multiplyExact);
        String shape = "%d, %s"
                .formatted(
                        values.length / size,
                        String.join(
                                ", ",
                                Arrays.stream(rowShape)
                                        .mapToObj(String::valueOf)
                                        .toList()));
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }".formatted(shape);
        ByteBuffer file = ByteBuffer.allocate(128 + 4 * values.length);
        file.put("\u0093NUMPY\u0001\u0000\u0076\u0000".getBytes(StandardCharsets.ISO_8859_1));
        file.put("%-117s\n".formatted(header).getBytes(StandardCharsets.ISO_8859_1));
        file.put(Http.raw(values));
        return file.array();
    }
}
