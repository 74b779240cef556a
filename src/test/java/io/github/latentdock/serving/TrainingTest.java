package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.latentdock.autoencoder.Safetensors;
import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Multipart;
import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.RunningService;
import io.github.latentdock.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Data in, a served version out: every objective, on the thousand pictures that are shipped. */
class TrainingTest extends RunningService {

    private static final String DATASET = "fashion-mnist-sample";
    private static final Map<String, Object> MLP = Map.of("preset", "mlp", "hidden", List.of(64), "latent", 8);

    private final List<String> made = new ArrayList<>();

    @AfterEach
    void leaveNothingBehind() {
        made.forEach(version -> assertThat(http.delete(version).status()).isEqualTo(204));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ae       | {"type": "ae"}                                                               | ae  | 0.045
            sparse   | {"type": "ae", "sparsity": 0.01, "likelihood": "bernoulli"}                   | ae  | 0.05
            dae      | {"type": "dae", "noise": {"type": "gaussian", "sigma": 0.3}}                  | ae  | 0.05
            vae      | {"type": "vae"}                                                              | vae | 0.07
            gaussian | {"type": "vae", "likelihood": "gaussian", "learnVariance": true}              | vae | 0.07
            beta-vae | {"type": "beta-vae", "beta": 2, "warmup": 1}                                  | vae | 0.08
            skip-vae | {"type": "skip-vae"}                                                         | vae | 0.07
            ml-vae   | {"type": "ml-vae", "group": 4}                                                | vae | 0.08
            ad       | {"type": "ad"}                                                               | ad  | 0.03
            glo      | {"type": "ad", "loss": "laplacian", "ball": true}                            | ad  | 0.06
            vad      | {"type": "vad", "likelihood": "gaussian", "variance": 0.05}                   | ad  | 0.03
            """)
    void everyObjectiveMakesAVersionThatServes(String name, String objective, String kind, double mse) {
        JsonNode manifest = trained(name, plan("trained-" + name, Map.of("objective", Http.json(objective))));

        assertThat(manifest.path("kind").asString()).isEqualTo(kind);
        JsonNode metrics = manifest.path("metrics");
        assertThat(metrics.path("examples").asInt()).isEqualTo(100);
        assertThat(metrics.path("measuredOn").asString()).isEqualTo("held-out");
        assertThat(metrics.path("mse").asDouble()).isBetween(0.001, mse);
        // Eight components of a thousand pictures; the mean picture alone would leave 0.087.
        assertThat(metrics.path("pcaMse").asDouble()).isBetween(0.02, 0.035);
        assertThat(metrics.path("errorQuantiles").path("0.5").asDouble()).isPositive();
        assertThat(metrics.has("elbo")).isEqualTo(kind.equals("vae"));
        if (kind.equals("vae")) {
            double parts = metrics.path("reconLoss").asDouble()
                    + metrics.path("klDivergence").asDouble();
            assertThat(metrics.path("elbo").asDouble()).isCloseTo(-parts, within(1e-6 * Math.abs(parts)));
            if (!name.equals("ml-vae")) {
                assertThat(metrics.path("iwae64").asDouble())
                        .isGreaterThan(metrics.path("iwaeElbo").asDouble());
                assertThat(metrics.path("iwaeExamples").asInt()).isEqualTo(100);
            }
        }
        assertThat(manifest.path("provenance").path("seed").asInt()).isEqualTo(7);
        assertThat(manifest.path("files").propertyNames())
                .contains("weights.safetensors", "codes.safetensors", "density.safetensors", "samples.png");
        assertThat(manifest.at("/latent/prior").asString())
                .isEqualTo(name.equals("glo") ? "unit-ball" : "standard-normal");
        String model = "/v1/models/trained-" + name;
        Answer samples = http.post(model + "/sample", Map.of("count", 3, "seed", 1, "source", "mixture"));
        assertThat(samples.floats("instances")).hasSize(3 * 784);
        if (name.equals("glo")) {
            staysInTheBall(model);
        }
    }

    /** Its codes were kept there, whatever is drawn or found. */
    private void staysInTheBall(String model) {
        for (String source : List.of("prior", "gaussian", "mixture")) {
            for (float[] latent : latents(
                    http.post(model + "/sample", Map.of("count", 50, "seed", 1, "source", source, "temperature", 3)))) {
                assertThat(length(latent)).as(source).isLessThanOrEqualTo(1);
            }
        }
        float[][] prior = latents(http.post(model + "/sample", Map.of("count", 1000, "seed", 1, "source", "prior")));
        // Of the ball of 8 dimensions: 8/9.
        assertThat(Arrays.stream(prior).mapToDouble(TrainingTest::length).average())
                .hasValueCloseTo(8 / 9.0, within(0.02));
        Answer drawn = http.post(model + "/sample", Map.of("count", 3, "seed", 2));
        Map<String, Object> three = Map.of("instances", Http.nested(drawn.floats("instances"), 3, 1, 28, 28));
        var weightless = new LinkedHashMap<>(three);
        weightless.put("prior", 0);
        Answer found = http.post(model + "/optimize", three);
        assertThat(found.json().path("objectives"))
                .isEqualTo(http.post(model + "/optimize", weightless).json().path("objectives"));
        for (float[] latent : latents(found)) {
            assertThat(length(latent)).isLessThanOrEqualTo(1);
        }
    }

    private static float[][] latents(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        float[] all = answer.floats("latents");
        float[][] latents = new float[all.length / 8][];
        Arrays.setAll(latents, i -> Arrays.copyOfRange(all, 8 * i, 8 * i + 8));
        return latents;
    }

    private static double length(float[] latent) {
        double square = 0;
        for (float value : latent) {
            square += value * value;
        }
        return Math.sqrt(square);
    }

    @Test
    void theSamePlanGivesTheSameWeights() {
        trained("first", plan("trained-twice", Map.of("objective", Map.of("type", "vae"))));
        trained("second", plan("trained-twice", Map.of("objective", Map.of("type", "vae"))));

        assertThat(weights("trained-twice", 2)).isEqualTo(weights("trained-twice", 1));
    }

    @Test
    void anAutoDecoderGoesOnFromItsParentAndKeepsItsCodes() {
        Map<String, Object> ad = Map.of("objective", Map.of("type", "ad"));
        Map<String, Object> more = new LinkedHashMap<>(plan("trained-ad", ad));
        more.put("validation", Map.of("fraction", 0.2));
        trained("parent", more);
        more.put("parent", "trained-ad@1");
        more.remove("network");
        more.put("epochs", 1);
        JsonNode same = trained("same", more);
        // Fewer examples are held out, so these are not the parent's.
        more.remove("validation");
        JsonNode replayed = trained("child", more);
        more.put("freeze", "decoder");
        JsonNode frozen = trained("frozen", more);

        assertThat(codes("trained-ad", 1)).hasSize(800 * 8);
        assertThat(codes("trained-ad", 2)).hasSize(800 * 8);
        assertThat(codes("trained-ad", 3)).hasSize((800 + 900) * 8);
        assertThat(codes("trained-ad", 4)).hasSize((800 + 900) * 8);
        assertThat(weights("trained-ad", 4)).isEqualTo(weights("trained-ad", 1));
        assertThat(weights("trained-ad", 3)).isNotEqualTo(weights("trained-ad", 1));
        assertThat(weights("trained-ad", 2)).isNotEqualTo(weights("trained-ad", 1));
        assertThat(replayed.path("metrics").path("forgotten").asDouble()).isBetween(1e-9, 0.02);
        assertThat(frozen.path("metrics").has("forgotten")).isFalse();
        assertThat(same.path("metrics").has("forgotten")).isFalse();
        assertThat(replayed.path("provenance").path("plan").path("parent").asString())
                .isEqualTo("trained-ad@1");
        // Half of these were trained on by now.
        more.put("parent", "trained-ad@3");
        more.put("validation", Map.of("fraction", 0.2));
        assertThat(http.post("/v1/trainings", more).json().at("/errors/0/field").asString())
                .isEqualTo("validation.fraction");
    }

    @Test
    void theMembersOfAGroupAreEncodedTogether() throws IOException {
        trained("groups", plan("trained-groups", Map.of("objective", Map.of("type", "ml-vae", "group", 3))));
        String encode = "/v1/models/trained-groups/encode";
        byte[] four = Files.readAllBytes(Path.of("examples/four.npy"));
        Answer alone = http.post(encode, "application/x-npy", four, "Accept", "application/json");
        Answer together = http.post(
                encode,
                Map.of(
                        "instances",
                        Http.nested(
                                http.post("/v1/models/trained-groups/reconstruct", "application/x-npy", four)
                                        .floats("instances"),
                                4,
                                1,
                                28,
                                28),
                        "groups",
                        List.of(5, 5, 5, 9)));
        assertThat(together.status()).as(together.text()).isEqualTo(200);
        float[] latents = together.floats("latents");
        for (int j = 0; j < 8; j++) {
            boolean shared = latents[j] == latents[8 + j] && latents[j] == latents[16 + j];
            assertThat(shared).as("value %d", j).isEqualTo(j < 3);
        }
        assertThat(alone.floats("latents")).hasSize(32);

        Answer wrong = http.post(
                encode, Map.of("instances", Http.nested(new float[784], 1, 1, 28, 28), "groups", List.of(1, 2)));
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(wrong.json().at("/errors/0/field").asString()).isEqualTo("groups");
    }

    @Test
    void codesThatAreKeptCanBeFewer() {
        Map<String, Object> plan = new LinkedHashMap<>(plan("trained-few", Map.of("objective", Map.of("type", "ad"))));
        plan.put("keepCodes", 50);
        trained("few", plan);

        assertThat(codes("trained-few", 1)).hasSize(50 * 8);
    }

    /** Where there is a Python with PyTorch. */
    @TestFactory
    Stream<DynamicTest> pyTorchReadsWhatWasTrainedAndMakesTorchScriptOfIt() {
        return python().stream()
                .flatMap(python -> Stream.of("vae", "skip-vae", "dae")
                        .map(type -> dynamicTest(type, () -> pyTorchReconstructsAsTheServiceDoes(python, type))));
    }

    private void pyTorchReconstructsAsTheServiceDoes(String python, String type) throws Exception {
        trained(type, plan("trained-for-pytorch", Map.of("objective", objective(type))));
        String version = made.getLast();
        byte[] four = Files.readAllBytes(Path.of("examples/four.npy"));
        Answer answer = http.post(version + "/reconstruct", "application/x-npy", four, "Accept", "application/json");
        String number = version.substring(version.lastIndexOf('/') + 1);
        Path folder = MODELS.resolve("trained-for-pytorch").resolve(number);
        Path theirs = Files.createTempFile("reconstructions", ".npy");
        said(python, "examples/load_in_pytorch.py", folder.toString(), "examples/four.npy", theirs.toString());
        float[] reconstructions = Npz.array(Files.readAllBytes(theirs)).values();
        Files.delete(theirs);
        // Single precision, summed in another order; values lie in [0, 1].
        assertThat(reconstructions).hasSize(4 * 784);
        assertThat(answer.floats("instances"))
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(reconstructions);

        Path twin = MODELS.resolve("trained-for-pytorch-ts").resolve(number);
        said(python, "-B", "examples/to_torchscript.py", folder.toString(), twin.toString());
        assertThatATwinAnswersTheSame(version, version.replace("for-pytorch", "for-pytorch-ts"), four);
        assertThat(new String(Files.readAllBytes(twin.resolve("model.pt")), StandardCharsets.ISO_8859_1))
                .as("what PyTorch notes of the machine")
                .doesNotContain("debug_pkl", Path.of("").toAbsolutePath().toString());
    }

    private void assertThatATwinAnswersTheSame(String version, String twin, byte[] rows) {
        made.add(twin);
        Waiting.until(
                "the twin is served",
                () -> http.get(twin).json().path("state").asString().equals("READY"));
        for (String operation : List.of("encode", "reconstruct")) {
            Answer one = http.post(version + "/" + operation, "application/x-npy", rows);
            Answer other = http.post(twin + "/" + operation, "application/x-npy", rows);
            assertThat(other.json().propertyNames()).isEqualTo(one.json().propertyNames());
            one.json()
                    .propertyNames()
                    .forEach(field ->
                            // The same float32 operations, as one script and as another.
                            assertThat(other.floats(field))
                                    .as(field)
                                    .usingComparatorWithPrecision(1e-4f)
                                    .containsExactly(one.floats(field)));
        }
    }

    private static String said(String... command) throws Exception {
        Process script = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(script.waitFor()).as(said).isZero();
        return said.strip();
    }

    private static Map<String, Object> objective(String type) {
        return type.equals("dae")
                ? Map.of("type", type, "noise", Map.of("type", "gaussian", "sigma", 0.3))
                : Map.of("type", type);
    }

    private static Optional<String> python() {
        String python = System.getProperty("python", "python3");
        try {
            int status = new ProcessBuilder(python, "-c", "import torch")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            return status == 0 ? Optional.of(python) : Optional.empty();
        } catch (IOException | InterruptedException e) {
            return Optional.empty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"network": {"preset": "mlp", "hidden": [0], "latent": 8}}                     | network.hidden
            {"network": {"preset": "conv", "hidden": [8, 8, 8, 8, 8], "latent": 8}}         | network.hidden
            {"network": {"preset": "mlp"}}                                                 | network.latent
            {"network": {"decoder": [{"type": "Linear", "in_features": 8, "out_features": 784}], "latent": 8}} | network.encoder
            {"dataset": "nope"}                                                            | dataset
            {"objective": {"type": "ml-vae"}}                                              | objective.group
            {"parent": "fashion-vae@1"}                                                    | network
            {"parent": "fashion-ad@1"}                                                     | parent
            {"parent": "nope@1"}                                                           | parent
            {"freeze": "decoder"}                                                          | freeze
            {"keepCodes": 0}                                                               | keepCodes
            {"earlyStopping": {}}                                                          | earlyStopping.patience
            {"batchSize": 1, "network": {"preset": "conv", "latent": 8}}                    | batchSize
            {"objective": {"type": "ad", "codes": "random", "prior": -1}}                   | objective.prior
            {"objective": {"type": "vae", "learnVariance": true}}                           | objective.learnVariance
            {"objective": {"type": "vad", "variance": 0.1}}                                 | objective.variance
            {"network": {"preset": "conv", "latent": 8}, "validation": {"fraction": 0.999}}  | validation.fraction
            {"network": {"latent": 8, "encoder": [{"type": "Flatten"}, {"type": "LeakyReLU", "negative_slope": 1e300}, {"type": "Linear", "in_features": 784, "out_features": 8}], "decoder": [{"type": "Linear", "in_features": 8, "out_features": 784}]}, "objective": {"type": "ae"}} | network.encoder[1].negative_slope
            {"network": {"preset": "mlp", "hidden": [46000, 46000], "latent": 8}}           | network.hidden
            {"network": {"preset": "mlp", "hidden": [65536, 65536], "latent": 65536}}       | network.hidden
            {"network": {"preset": "mlp", "hidden": [1024], "latent": 65536}}               | network.latent
            {"network": {"preset": "conv", "hidden": [65536, 65536], "latent": 8}}          | network.hidden
            {"network": {"preset": "conv", "hidden": [1024, 1024], "latent": 8}, "batchSize": 65536} | batchSize
            {"keepCodes": 900, "objective": {"type": "ae"}, "network": {"latent": [4, 512, 512], "encoder": [{"type": "Flatten"}, {"type": "Linear", "in_features": 784, "out_features": 1}, {"type": "Linear", "in_features": 1, "out_features": 1048576}, {"type": "Unflatten", "dim": 1, "unflattened_size": [4, 512, 512]}], "decoder": [{"type": "Flatten"}, {"type": "Linear", "in_features": 1048576, "out_features": 1}, {"type": "Linear", "in_features": 1, "out_features": 784}, {"type": "Sigmoid"}, {"type": "Unflatten", "dim": 1, "unflattened_size": [1, 28, 28]}]}} | keepCodes
            {"objective": {"type": "ad"}, "network": {"latent": 8, "decoder": [{"type": "Linear", "in_features": 8, "out_features": 65536}, {"type": "Linear", "in_features": 65536, "out_features": 65536}, {"type": "Linear", "in_features": 65536, "out_features": 784}, {"type": "Sigmoid"}, {"type": "Unflatten", "dim": 1, "unflattened_size": [1, 28, 28]}]}} | network
            """)
    void whatDoesNotFitTogetherIsRefusedByField(String changed, String field) {
        Map<String, Object> plan = new LinkedHashMap<>(plan("refused", Map.of("objective", Map.of("type", "vae"))));
        plan.putAll(Http.json(changed));
        Answer answer = http.post("/v1/trainings", plan);

        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        assertThat(answer.json()
                        .path("errors")
                        .valueStream()
                        .map(error -> error.path("field").asString()))
                .as(answer.text())
                .contains(field);
    }

    @Test
    void dataThatTheNetworkCannotGiveAreRefused() {
        byte[] csv = "0.5,1\n200,3\n7,8\n".getBytes(StandardCharsets.UTF_8);
        http.post(
                "/v1/datasets",
                Multipart.CONTENT_TYPE,
                new Multipart()
                        .field("name", "wide")
                        .file("file", "wide.csv", csv)
                        .bytes());
        var line = List.of(Map.of("type", "Linear", "in_features", 2, "out_features", 2));
        var sigmoid = List.of(Map.of("type", "Linear", "in_features", 2, "out_features", 2), Map.of("type", "Sigmoid"));
        Map<String, Object> plan = plan(
                "refused",
                Map.of(
                        "dataset",
                        "wide",
                        "objective",
                        Map.of("type", "ae"),
                        "network",
                        Map.of("latent", 2, "encoder", line, "decoder", sigmoid)));

        Answer answer = http.post("/v1/trainings", plan);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().path("detail").asString())
                .isEqualTo("network.decoder ends with a Sigmoid, which gives values in [0, 1]; those of dataset 'wide'"
                        + " are in [0.5, 200.0]");
    }

    private static Map<String, Object> plan(String model, Map<String, Object> more) {
        var plan = new LinkedHashMap<String, Object>();
        plan.put("model", model);
        plan.put("dataset", DATASET);
        plan.put("network", MLP);
        plan.put("epochs", 6);
        plan.put("batchSize", 32);
        plan.put("seed", 7);
        plan.put("optimizer", Map.of("learningRate", 0.003));
        plan.putAll(more);
        return plan;
    }

    /** Waits for the training, and for its version to be served. */
    private JsonNode trained(String what, Map<String, Object> plan) {
        Answer taken = http.post("/v1/trainings", plan);
        assertThat(taken.status()).as("%s: %s", what, taken.text()).isEqualTo(202);
        String training = taken.header("Location");
        Waiting.until(
                what + " has ended",
                () -> List.of("SUCCEEDED", "FAILED")
                        .contains(http.get(training).json().path("status").asString()));
        JsonNode ended = http.get(training).json();
        assertThat(ended.path("status").asString()).as(ended.toString()).isEqualTo("SUCCEEDED");
        String version = "/v1/models/%s/versions/%d"
                .formatted(plan.get("model"), ended.path("version").asInt());
        made.add(version);
        Waiting.until(
                what + " is served",
                () -> http.get(version).json().path("state").asString().equals("READY"));
        return http.get(version).json().path("manifest");
    }

    private static byte[] weights(String model, int version) {
        try {
            return Files.readAllBytes(file(model, version, "weights.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static float[] codes(String model, int version) {
        try (Safetensors codes = Safetensors.open(file(model, version, "codes.safetensors"))) {
            return codes.floats("codes");
        }
    }

    private static Path file(String model, int version, String name) {
        return MODELS.resolve(model).resolve(String.valueOf(version)).resolve(name);
    }
}
