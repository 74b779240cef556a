package io.github.latentdock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.storage.FileDigest;
import io.github.latentdock.testing.Tree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelPublisherTest {

    private static final String SCRIPT = """
            {"name": "tiny", "kind": "ae", "format": "torchscript", "input": {"shape": [4]}, "latent": {"shape": [2]}}
            """;

    @TempDir
    Path root;

    private Registry registry;

    @BeforeEach
    void setUp() {
        registry = Registry.at(root);
    }

    @Test
    void theFirstVersionOfANewModelIsOne() {
        assertThat(registry.publish("tiny", TestModel.valid()).number()).isEqualTo(1);
        assertThat(snapshot().model("tiny").version("1")).isInstanceOf(Version.Sound.class);
    }

    @Test
    void theNextVersionFollowsTheNewest() {
        registry.publish("tiny", TestModel.valid().version(7));

        assertThat(registry.publish("tiny", TestModel.valid()).number()).isEqualTo(8);
    }

    @Test
    void afterTheLastNumberThereIsNoNext() {
        registry.publish("tiny", TestModel.valid().version(999_999_999));

        assertThat(refused("tiny", TestModel.valid()).detail())
                .isEqualTo(
                        "Model 'tiny' has version 999999999, after which there are no numbers; give a version that is free");
    }

    @Test
    void aFolderThatIsBeingFilledByHandCountsAsTheNewest() throws IOException {
        Files.createDirectories(root.resolve("tiny/4"));

        assertThat(registry.publish("tiny", TestModel.valid()).number()).isEqualTo(5);
    }

    @Test
    void theWrittenManifestTellsTheNumberAndTheFiles() throws IOException {
        registry.publish("tiny", TestModel.valid());

        Path folder = root.resolve("tiny/1");
        Manifest written = Manifest.parse(Files.readAllBytes(folder.resolve("model.json")));
        assertThat(written.version()).isEqualTo(1);
        assertThat(written.files())
                .containsExactly(java.util.Map.entry(
                        "weights.safetensors", FileDigest.of(folder.resolve("weights.safetensors"))));
    }

    @Test
    void whatWasPublishedVerifies() {
        registry.publish("tiny", TestModel.valid().file("codes.safetensors", codes(5, 2)));

        var version = (Version.Sound) snapshot().model("tiny").version("1");
        assertThat(registry.repository().verify(version)).containsOnlyKeys("codes.safetensors", "weights.safetensors");
    }

    @Test
    void aNumberThatIsTakenIsAConflictAndTheVersionStays() {
        registry.publish("tiny", TestModel.valid().version(3));

        Problem problem = refused("tiny", TestModel.valid().version(3));

        assertThat(problem.fault()).isEqualTo(Fault.CONFLICT);
        assertThat(problem.detail())
                .isEqualTo("Model 'tiny' has a version 3 already; leave version out to get the next");
    }

    static Stream<Arguments> refusals() {
        TestModel valid = TestModel.valid();
        byte[] weights = valid.bytes("weights.safetensors");
        return Stream.of(
                refusal(
                        "truncated",
                        valid.weights(bytes -> Arrays.copyOf(bytes, bytes.length - 1)),
                        Fault.INVALID,
                        "decoder.0.bias",
                        "truncated"),
                refusal(
                        "header longer than the file",
                        valid.weights(bytes -> withLength(bytes, 1 << 20)),
                        Fault.INVALID,
                        "weights.safetensors",
                        "truncated"),
                refusal(
                        "header of a negative length",
                        valid.weights(bytes -> withLength(bytes, -1)),
                        Fault.INVALID,
                        "weights.safetensors",
                        "header"),
                refusal(
                        "header that lies about offsets",
                        valid.weights(bytes -> replaced(bytes, "[2,4]", "[2,5]")),
                        Fault.INVALID,
                        "encoder.0.weight",
                        ""),
                refusal(
                        "empty",
                        valid.weights(bytes -> new byte[0]),
                        Fault.INVALID,
                        "weights.safetensors",
                        "truncated"),
                refusal(
                        "NaN",
                        valid.weights(ModelRepositoryTest::withNan),
                        Fault.INVALID,
                        "decoder.0.bias",
                        "has a NaN or an infinity"),
                refusal(
                        "missing key",
                        valid.file("weights.safetensors", without("decoder.0.bias")),
                        Fault.INVALID,
                        "decoder.0.bias",
                        "is missing; must have shape [4]"),
                refusal(
                        "left-over key",
                        valid.file("weights.safetensors", with("decoder.7.bias", 3)),
                        Fault.INVALID,
                        "decoder.7.bias",
                        "is left over"),
                refusal(
                        "wrong shape",
                        valid.file("weights.safetensors", with("decoder.0.bias", 5)),
                        Fault.INVALID,
                        "decoder.0.bias",
                        "has shape [5], but the network needs [4]"),
                refusal(
                        "wrong SHA-256",
                        valid.manifest("\"kind\"", files("weights.safetensors", weights.length)),
                        Fault.INVALID,
                        "weights.safetensors",
                        "has the SHA-256"),
                refusal(
                        "wrong length",
                        valid.manifest("\"kind\"", files("weights.safetensors", 3)),
                        Fault.INVALID,
                        "weights.safetensors",
                        "the manifest says 3"),
                refusal(
                        "no weights",
                        valid.without("weights.safetensors"),
                        Fault.INVALID,
                        "weights.safetensors",
                        "is missing"),
                refusal("two dots", valid.file("../evil", weights), Fault.INVALID, "../evil", "no file of a version"),
                refusal(
                        "two dots before a good name",
                        valid.file("../weights.safetensors", weights),
                        Fault.INVALID,
                        "../weights.safetensors",
                        "no file of a version"),
                refusal(
                        "absolute name",
                        valid.file("/tmp/weights.safetensors", weights),
                        Fault.INVALID,
                        "/tmp/weights.safetensors",
                        "no file of a version"),
                refusal(
                        "manifest among the files",
                        valid.file("model.json", weights),
                        Fault.INVALID,
                        "model.json",
                        "no file of a version"),
                refusal(
                        "a file that the format does not read",
                        valid.file("model.pt", weights),
                        Fault.INVALID,
                        "model.pt",
                        "is one too many"),
                refusal(
                        "codes of another latent",
                        valid.file("codes.safetensors", codes(5, 3)),
                        Fault.INVALID,
                        "codes.safetensors",
                        "holds codes: F32 [5, 3], it must hold one tensor of floats of shape [n, 2]"),
                refusal(
                        "too large",
                        valid.file("codes.safetensors", codes(1 << 17, 2)),
                        Fault.TOO_LARGE,
                        "codes.safetensors",
                        "bytes allowed"),
                refusal(
                        "manifest too large",
                        valid.manifest(
                                "\"kind\"", "\"provenance\": {\"a\": \"%s\"}, \"kind\"".formatted("a".repeat(20_000))),
                        Fault.TOO_LARGE,
                        "manifest",
                        "at most 16384B"),
                refusal(
                        "wrong name",
                        valid.manifest("\"tiny\"", "\"other\""),
                        Fault.INVALID,
                        "name",
                        "published as 'tiny'"),
                refusal("bad kind", valid.manifest("\"ae\"", "\"gan\""), Fault.INVALID, "kind", "one of ae, vae, ad"),
                refusal("no JSON", valid.manifest("{\"name\"", "{{"), Fault.MALFORMED, "manifest", "not JSON"),
                refusal(
                        "TorchScript",
                        new TestModel(SCRIPT, new LinkedHashMap<>()).file("model.pt", script("constants.pkl")),
                        Fault.INVALID,
                        "format",
                        "latentdock.models.allow-torchscript-upload"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void whatIsWrongIsRefusedByNameAndNothingIsLeft(
            String what, TestModel model, Fault fault, String field, String detail) {
        registry.publish("tiny", TestModel.valid());
        Tree before = Tree.of(root);

        Problem problem = refused("tiny", model);

        assertThat(problem.fault()).isEqualTo(fault);
        assertThat(problem.errors()).anySatisfy(error -> {
            assertThat(error.field()).isEqualTo(field);
            assertThat(error.detail()).contains(detail);
        });
        assertThat(Tree.of(root)).isEqualTo(before);
    }

    @Test
    void aRefusedFirstVersionLeavesNoModel() {
        refused("tiny", TestModel.valid().weights(bytes -> new byte[3]));

        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aFileGivenTwiceIsRefused() {
        var files = new ArrayList<>(TestModel.valid().newFiles());
        files.addAll(TestModel.valid().newFiles());

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() ->
                        registry.publisher().publish("tiny", TestModel.valid().manifestBytes(), files))
                .withMessage("weights.safetensors is there twice");
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aStreamThatBreaksLeavesNothing() {
        var broken = new NewFile("weights.safetensors", () -> {
            throw new IOException("the client left");
        });

        assertThatExceptionOfType(java.io.UncheckedIOException.class)
                .isThrownBy(() ->
                        registry.publisher().publish("tiny", TestModel.valid().manifestBytes(), List.of(broken)));
        assertThat(root).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Tiny", "..", "a/b", "", "a b", ".tiny", "-tiny"})
    void aModelNameThatCannotBeAFolderIsRefused(String name) {
        Problem problem = refused(name, TestModel.valid());

        assertThat(problem.errors())
                .first()
                .satisfies(error -> assertThat(error.field()).isEqualTo("model"));
    }

    @Test
    void torchScriptIsTakenWhereTheOperatorAllowsIt() {
        var model = new TestModel(SCRIPT, new LinkedHashMap<>()).file("model.pt", script("constants.pkl"));

        assertThat(Registry.at(root, true).publish("tiny", model).number()).isEqualTo(1);
    }

    @Test
    void aStateDictIsNoTorchScript() {
        var model = new TestModel(SCRIPT, new LinkedHashMap<>()).file("model.pt", script("data.pkl"));

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> Registry.at(root, true).publish("tiny", model))
                .withMessage("model.pt is no TorchScript: torch.jit.save makes one, torch.save does not");
    }

    @Test
    void truncatedTorchScriptIsRefused() {
        byte[] script = script("constants.pkl");
        var model = new TestModel(SCRIPT, new LinkedHashMap<>())
                .file("model.pt", Arrays.copyOf(script, script.length - 10));

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> Registry.at(root, true).publish("tiny", model))
                .withMessageStartingWith("model.pt is no TorchScript, or truncated");
    }

    @Test
    void eightPublishersGetEightNumbers() throws Exception {
        List<Callable<Integer>> publishers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            // Half of them are another process, which shares nothing but the disk.
            Registry own = i % 2 == 0 ? registry : Registry.at(root);
            publishers.add(() -> own.publish("tiny", TestModel.valid()).number());
        }

        var numbers = new ArrayList<Integer>();
        try (var threads = Executors.newFixedThreadPool(publishers.size())) {
            for (Future<Integer> number : threads.invokeAll(publishers)) {
                numbers.add(number.get());
            }
        }

        assertThat(numbers).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(registry.repository().scan().model("tiny").versions()).hasSize(8);
    }

    @Test
    void aReaderNeverSeesHalfAVersion() throws Exception {
        var done = new AtomicBoolean();
        ModelRepository reader = Registry.at(root).repository();
        try (var threads = Executors.newFixedThreadPool(1)) {
            Future<List<Version>> faulty = threads.submit(() -> {
                List<Version> seen = new ArrayList<>();
                while (!done.get()) {
                    reader.scan().models().values().stream()
                            .flatMap(model -> model.versions().values().stream())
                            .filter(Version.Faulty.class::isInstance)
                            .forEach(seen::add);
                }
                return seen;
            });
            IntStream.range(0, 30).forEach(i -> registry.publish("tiny", TestModel.valid()));
            done.set(true);

            assertThat(faulty.get()).isEmpty();
        }
        assertThat(reader.scan().model("tiny").versions()).hasSize(30);
    }

    @Test
    void aDeletedVersionIsGone() {
        registry.publish("tiny", TestModel.valid());
        registry.publish("tiny", TestModel.valid());

        registry.publisher().delete("tiny", 1);

        assertThat(snapshot().model("tiny").versions()).containsOnlyKeys(2);
    }

    @Test
    void theLastVersionTakesTheModelWithIt() {
        registry.publish("tiny", TestModel.valid());

        registry.publisher().delete("tiny", 1);

        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aFaultyVersionCanBeDeleted() {
        TestModel.valid().without("weights.safetensors").copyTo(root.resolve("tiny/1"));

        registry.publisher().delete("tiny", 1);

        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aVersionThatIsNotThereCannotBeDeleted() {
        registry.publish("tiny", TestModel.valid());

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> registry.publisher().delete("tiny", 2))
                .withMessage("Model 'tiny' has no version 2; it has 1")
                .satisfies(problem -> assertThat(problem.fault()).isEqualTo(Fault.NOT_FOUND));
    }

    @Test
    void aVersionWithAliasesCannotBeDeleted() {
        registry.publish("tiny", TestModel.valid());
        registry.publisher().setAlias("tiny", "canary", 1);
        registry.publisher().setAlias("tiny", "default", 1);
        Tree before = Tree.of(root);

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> registry.publisher().delete("tiny", 1))
                .withMessage("Version 1 of model 'tiny' is what canary and default stands for; move the alias first")
                .satisfies(problem -> assertThat(problem.fault()).isEqualTo(Fault.CONFLICT));
        assertThat(Tree.of(root)).isEqualTo(before);
    }

    @Test
    void anAliasMoves() {
        registry.publish("tiny", TestModel.valid());
        registry.publish("tiny", TestModel.valid());

        registry.publisher().setAlias("tiny", "default", 2);
        registry.publisher().setAlias("tiny", "default", 1);

        assertThat(snapshot().model("tiny").version("default").number()).isEqualTo(1);
        assertThat(root.resolve("tiny/aliases.json")).content().isEqualToIgnoringWhitespace("{\"default\": 1}");
    }

    @Test
    void withoutTheDefaultAliasTheNewestServesAgain() {
        registry.publish("tiny", TestModel.valid());
        registry.publish("tiny", TestModel.valid());
        registry.publisher().setAlias("tiny", "default", 1);

        registry.publisher().deleteAlias("tiny", "default");

        assertThat(snapshot().model("tiny").version("default").number()).isEqualTo(2);
        assertThat(root.resolve("tiny/aliases.json")).doesNotExist();
    }

    @Test
    void deletingAnAliasLeavesTheOthers() {
        registry.publish("tiny", TestModel.valid());
        registry.publisher().setAlias("tiny", "canary", 1);
        registry.publisher().setAlias("tiny", "stable", 1);

        registry.publisher().deleteAlias("tiny", "canary");

        assertThat(snapshot().model("tiny").aliases()).containsOnlyKeys("stable");
    }

    @Test
    void anAliasThatIsNotThereCannotBeDeleted() {
        registry.publish("tiny", TestModel.valid());
        registry.publisher().setAlias("tiny", "canary", 1);

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> registry.publisher().deleteAlias("tiny", "stable"))
                .withMessage("Model 'tiny' has no alias 'stable'; it has canary");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "Canary", "..", "a/b", ""})
    void aNameThatCannotBeAnAliasIsRefused(String alias) {
        registry.publish("tiny", TestModel.valid());

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> registry.publisher().setAlias("tiny", alias, 1))
                .withMessageStartingWith("alias is '%s'".formatted(alias))
                .satisfies(problem -> assertThat(problem.fault()).isEqualTo(Fault.INVALID));
    }

    @Test
    void anAliasOfAMissingVersionIsRefused() {
        registry.publish("tiny", TestModel.valid());

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> registry.publisher().setAlias("tiny", "canary", 9))
                .withMessage("Model 'tiny' has no version 9; it has 1");
    }

    @Test
    void anAliasOfAFaultyVersionIsRefusedWithTheReason() {
        TestModel.valid().without("weights.safetensors").copyTo(root.resolve("tiny/1"));

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> registry.publisher().setAlias("tiny", "canary", 1))
                .withMessageStartingWith("Version 1 of model 'tiny' cannot be served: weights.safetensors is missing")
                .satisfies(problem -> assertThat(problem.fault()).isEqualTo(Fault.CONFLICT));
    }

    @Test
    void aliasesThatCannotBeReadAreNotOverwritten() throws IOException {
        registry.publish("tiny", TestModel.valid());
        Files.writeString(root.resolve("tiny/aliases.json"), "{\"default\": 1,");
        Tree before = Tree.of(root);

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> registry.publisher().setAlias("tiny", "canary", 1))
                .withMessageStartingWith("The aliases of model 'tiny' cannot be read and must be mended first");
        assertThat(Tree.of(root)).isEqualTo(before);
    }

    private static Arguments refusal(String what, TestModel model, Fault fault, String field, String detail) {
        return Arguments.of(what, model, fault, field, detail);
    }

    private static byte[] withLength(byte[] safetensors, long length) {
        byte[] spoiled = safetensors.clone();
        ByteBuffer.wrap(spoiled).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
        return spoiled;
    }

    private static byte[] replaced(byte[] safetensors, String from, String to) {
        String text = new String(safetensors, StandardCharsets.ISO_8859_1);
        if (!text.contains(from)) {
            throw new IllegalArgumentException("the header has no " + from);
        }
        return text.replaceFirst(java.util.regex.Pattern.quote(from), to).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] without(String key) {
        var weights = new LinkedHashMap<>(TestModel.weights());
        weights.remove(key);
        return TestModel.safetensors(weights);
    }

    private static byte[] with(String key, int... shape) {
        var weights = new LinkedHashMap<>(TestModel.weights());
        weights.put(key, TestModel.values(shape));
        return TestModel.safetensors(weights);
    }

    private static byte[] codes(int... shape) {
        var codes = new LinkedHashMap<String, io.github.latentdock.autoencoder.Safetensors.Values>();
        codes.put("codes", TestModel.values(shape));
        return TestModel.safetensors(codes);
    }

    private static String files(String name, int bytes) {
        return "\"files\": {\"%s\": {\"sha256\": \"%s\", \"bytes\": %d}}, \"kind\""
                .formatted(name, "a".repeat(64), bytes);
    }

    /** The outside of a TorchScript file. */
    private static byte[] script(String entry) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("model/" + entry));
            zip.closeEntry();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private Problem refused(String model, TestModel version) {
        return catchThrowableOfType(Problem.class, () -> registry.publish(model, version));
    }

    private Snapshot snapshot() {
        return registry.repository().snapshot();
    }
}
