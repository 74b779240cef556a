package io.github.latentdock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.storage.FileDigest;
import io.github.latentdock.testing.References;
import io.github.latentdock.testing.Tree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelRepositoryTest {

    @TempDir
    Path root;

    private ModelRepository repository;

    @BeforeEach
    void setUp() {
        repository = Registry.at(root).repository();
    }

    @Test
    void aFolderDroppedInIsAVersion() {
        Path folder = TestModel.valid().copyTo(root.resolve("tiny/3"));

        assertThat(version(3)).isInstanceOfSatisfying(Version.Sound.class, sound -> {
            assertThat(sound.model()).isEqualTo("tiny");
            assertThat(sound.number()).isEqualTo(3);
            assertThat(sound.folder()).isEqualTo(folder);
            assertThat(sound.manifest().name()).isEqualTo("tiny");
            assertThat(sound.manifest().number())
                    .as("the manifest leaves it out")
                    .isEqualTo(3);
        });
    }

    @Test
    void aFolderWithoutManifestIsNotSeen() throws IOException {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        Files.delete(TestModel.valid().copyTo(root.resolve("tiny/2")).resolve("model.json"));

        assertThat(repository.scan().model("tiny").versions()).containsOnlyKeys(1);
    }

    @Test
    void aFolderThatIsNoNumberIsNoVersion() {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        TestModel.valid().copyTo(root.resolve("tiny/latest"));
        TestModel.valid().copyTo(root.resolve("tiny/02"));
        TestModel.valid().copyTo(root.resolve("tiny/0"));

        assertThat(repository.scan().model("tiny").versions()).containsOnlyKeys(1);
    }

    @Test
    void aFaultyVersionDoesNotDisturbTheOthers() throws IOException {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        Path broken = TestModel.valid().copyTo(root.resolve("tiny/2"));
        Files.writeString(broken.resolve("model.json"), "{");

        Model tiny = repository.scan().model("tiny");

        assertThat(tiny.version("1")).isInstanceOf(Version.Sound.class);
        assertThat(tiny.version("2")).isInstanceOf(Version.Faulty.class);
        assertThat(tiny.version("default").number()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "\"tiny\"; \"other\"; name is 'other', but the model's folder is 'tiny'",
                "\"kind\"; \"version\": 2, \"kind\"; version is 2, but the version's folder is 1",
                "\"kind\": \"ae\"; \"kind\": \"gan\"; kind is \"gan\"",
                "\"kind\"; \"files\": {\"codes.safetensors\": {\"sha256\": \"%s\", \"bytes\": 3}}, \"kind\"; codes.safetensors is missing",
                "\"kind\"; \"files\": {\"weights.safetensors\": {\"sha256\": \"%s\", \"bytes\": 3}}, \"kind\"; weights.safetensors has",
            })
    void aManifestThatDoesNotFitTheFolderIsAFault(String from, String to, String reason) {
        TestModel.valid().manifest(from, to.replace("%s", "a".repeat(64))).copyTo(root.resolve("tiny/1"));

        assertThat(reason(1)).startsWith(reason);
    }

    @Test
    void aModelFolderWithAnImpossibleNameIsReported() {
        TestModel.valid().copyTo(root.resolve("Tiny/1"));

        assertThat(repository.scan().model("Tiny").version("1"))
                .isInstanceOfSatisfying(
                        Version.Faulty.class,
                        faulty -> assertThat(faulty.reason())
                                .startsWith("name is 'tiny', but the model's folder is 'Tiny'"));
    }

    @Test
    void aMissingFileIsAFault() {
        TestModel.valid().without("weights.safetensors").copyTo(root.resolve("tiny/1"));

        assertThat(reason(1)).startsWith("weights.safetensors is missing");
    }

    @Test
    void weightsBehindASymbolicLinkAreMissing() throws IOException {
        Path folder = TestModel.valid().copyTo(root.resolve("tiny/1"));
        Path elsewhere = root.resolve(".weights");
        Files.move(folder.resolve("weights.safetensors"), elsewhere);
        Files.createSymbolicLink(folder.resolve("weights.safetensors"), elsewhere);

        assertThat(reason(1)).startsWith("weights.safetensors is missing");
    }

    @Test
    void truncatedWeightsAreAFault() {
        TestModel.valid()
                .weights(bytes -> Arrays.copyOf(bytes, bytes.length - 4))
                .copyTo(root.resolve("tiny/1"));

        assertThat(reason(1)).contains("truncated");
    }

    @Test
    void weightsOfAnotherNetworkAreAFault() {
        TestModel.valid()
                .manifest("\"latent\": {\"shape\": [2]}", "\"latent\": {\"shape\": [3]}")
                .manifest("\"out_features\": 2", "\"out_features\": 3")
                .manifest("\"in_features\": 2", "\"in_features\": 3")
                .copyTo(root.resolve("tiny/1"));

        assertThat(reason(1)).contains("encoder.0.weight: has shape [2, 4], but the network needs [3, 4]");
    }

    @Test
    void otherFilesInAFolderAreNobodysConcern() throws IOException {
        Path folder = TestModel.valid().copyTo(root.resolve("tiny/1"));
        Files.writeString(folder.resolve("README.md"), "hello");
        Files.writeString(folder.resolve(".DS_Store"), "hello");

        assertThat(version(1)).isInstanceOf(Version.Sound.class);
    }

    @Test
    void whatDidNotChangeIsTheSameObject() {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        Snapshot before = repository.scan();

        assertThat(repository.scan()).isSameAs(before);
    }

    @Test
    void anotherVersionLeavesTheFirstTheSameObject() {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        Version before = version(1);
        TestModel.valid().copyTo(root.resolve("tiny/2"));

        assertThat(version(1)).isSameAs(before);
        assertThat(version(2)).isInstanceOf(Version.Sound.class);
    }

    @Test
    void aRemovedFolderIsGone() throws IOException {
        Path folder = TestModel.valid().copyTo(root.resolve("tiny/1"));
        repository.scan();
        Files.move(folder, root.resolve(".elsewhere"), StandardCopyOption.ATOMIC_MOVE);

        assertThat(repository.scan().models()).isEmpty();
    }

    @Test
    void aCopyThatIsSeenHalfWayHealsWhenItIsComplete() throws IOException {
        TestModel model = TestModel.valid();
        byte[] weights = model.bytes("weights.safetensors");
        Path folder = model.without("weights.safetensors").copyTo(root.resolve("tiny/1"));

        assertThat(reason(1)).startsWith("weights.safetensors is missing");
        Files.write(folder.resolve("weights.safetensors"), Arrays.copyOf(weights, weights.length / 2));
        assertThat(reason(1)).contains("truncated");
        Files.write(folder.resolve("weights.safetensors"), weights);

        assertThat(version(1)).isInstanceOf(Version.Sound.class);
    }

    @Test
    void verifyingTellsTheDigestsThatTheManifestLeavesOut() {
        TestModel model = TestModel.valid();
        Path folder = model.copyTo(root.resolve("tiny/1"));

        assertThat(repository.verify(sound(1)))
                .containsExactly(java.util.Map.entry(
                        "weights.safetensors", FileDigest.of(folder.resolve("weights.safetensors"))));
    }

    @Test
    void aWrongSha256IsFoundWhenVerifyingAndMakesTheVersionFaulty() {
        TestModel model = TestModel.valid();
        int bytes = model.bytes("weights.safetensors").length;
        model.manifest(
                        "\"kind\"",
                        "\"files\": {\"weights.safetensors\": {\"sha256\": \"%s\", \"bytes\": %d}}, \"kind\""
                                .formatted("a".repeat(64), bytes))
                .copyTo(root.resolve("tiny/1"));
        Version.Sound sound = sound(1);

        Problem problem = catchThrowableOfType(Problem.class, () -> repository.verify(sound));

        assertThat(problem.detail())
                .startsWith("weights.safetensors has the SHA-256")
                .contains("aaaa");
        assertThat(repository.snapshot().model("tiny").version("1")).isInstanceOf(Version.Faulty.class);
        assertThat(reason(1)).isEqualTo(problem.detail());
    }

    @Test
    void aNanAmongTheWeightsIsFoundWhenVerifying() {
        TestModel.valid().weights(ModelRepositoryTest::withNan).copyTo(root.resolve("tiny/1"));
        Version.Sound sound = sound(1);

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> repository.verify(sound))
                .withMessageContaining("has a NaN or an infinity");
        assertThat(reason(1)).contains("has a NaN or an infinity");
    }

    @Test
    void aVersionThatFailedHealsWhenItsFilesChange() throws IOException {
        TestModel model = TestModel.valid();
        Path folder = model.weights(ModelRepositoryTest::withNan).copyTo(root.resolve("tiny/1"));
        Version.Sound sound = sound(1);
        assertThatExceptionOfType(Problem.class).isThrownBy(() -> repository.verify(sound));

        Files.write(folder.resolve("weights.safetensors"), model.bytes("weights.safetensors"));

        assertThat(repository.verify(sound(1))).containsOnlyKeys("weights.safetensors");
    }

    @Test
    void verifyingAVersionWhoseFilesAreGoneIsAProblem() throws IOException {
        Path folder = TestModel.valid().copyTo(root.resolve("tiny/1"));
        Version.Sound sound = sound(1);
        Files.delete(folder.resolve("weights.safetensors"));

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> repository.verify(sound))
                .withMessageContaining("weights.safetensors");
    }

    @Test
    void readingChangesNothing() {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        Tree before = Tree.of(root);

        repository.verify(sound(1));

        assertThat(Tree.of(root)).isEqualTo(before);
    }

    @Test
    void theNewestSoundVersionIsTheDefault() {
        TestModel.valid().copyTo(root.resolve("tiny/9"));
        TestModel.valid().copyTo(root.resolve("tiny/10"));
        TestModel.valid().without("weights.safetensors").copyTo(root.resolve("tiny/11"));

        assertThat(repository.scan().model("tiny").version("default").number()).isEqualTo(10);
    }

    @Test
    void aliasesNameVersions() throws IOException {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        TestModel.valid().copyTo(root.resolve("tiny/2"));
        Files.writeString(root.resolve("tiny/aliases.json"), "{\"default\": 1, \"canary\": 2}");

        Model tiny = repository.scan().model("tiny");

        assertThat(tiny.version("default").number()).isEqualTo(1);
        assertThat(tiny.version("canary").number()).isEqualTo(2);
    }

    @Test
    void anAliasOfAMissingVersionSaysSo() throws IOException {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        Files.writeString(root.resolve("tiny/aliases.json"), "{\"default\": 7}");
        Model tiny = repository.scan().model("tiny");

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> tiny.version("default"))
                .withMessage("Alias 'default' of model 'tiny' names version 7, which is not there; there are 1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {"{\"default\"", "[]", "{\"default\": \"x\"}", "{\"7\": 2}", "{\"a\": null}"})
    void aliasesThatCannotBeReadAreReportedAndThoseBeforeStay(String broken) throws IOException {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        TestModel.valid().copyTo(root.resolve("tiny/2"));
        Path aliases = Files.writeString(root.resolve("tiny/aliases.json"), "{\"default\": 1}");
        repository.scan();
        Files.writeString(aliases, broken);

        Model tiny = repository.scan().model("tiny");

        assertThat(tiny.aliasFault()).isNotNull();
        assertThat(tiny.version("default").number()).isEqualTo(1);
    }

    @Test
    void anAliasOfAVersionThatIsNotThereIsAFault() throws IOException {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        Path aliases = Files.writeString(root.resolve("tiny/aliases.json"), "{\"default\": 7, \"old\": 1}");

        assertThat(repository.scan().model("tiny").faultOfAliases())
                .isEqualTo("Alias 'default' of model 'tiny' names version 7, which is not there; there are 1");
        Files.writeString(aliases, "{\"default\": 1}");
        assertThat(repository.scan().model("tiny").faultOfAliases()).isNull();
    }

    @Test
    void whatIsNotThereIsAnsweredWithWhatIs() {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        Snapshot snapshot = repository.scan();

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> snapshot.model("huge"))
                .withMessage("There is no model 'huge'; there are tiny")
                .satisfies(problem -> assertThat(problem.fault()).isEqualTo(Fault.NOT_FOUND));
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> snapshot.model("tiny").version("2"))
                .withMessage("Model 'tiny' has no version 2; it has 1");
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> snapshot.model("tiny").version("canary"))
                .withMessage("Model 'tiny' has no version or alias 'canary'; it has version 1 and no aliases");
    }

    @Test
    void aModelWithFaultyVersionsOnlyIsUnavailableWithTheReason() {
        TestModel.valid().without("weights.safetensors").copyTo(root.resolve("tiny/1"));
        Model tiny = repository.scan().model("tiny");

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> tiny.version("default"))
                .withMessageStartingWith("No version of model 'tiny' can be served: version 1: weights.safetensors")
                .satisfies(problem -> assertThat(problem.fault()).isEqualTo(Fault.UNAVAILABLE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fashion-ad", "fashion-ae", "fashion-vae", "fashion-vae-ts"})
    void aCheckpointTrainedWithPyTorchIsSound(String model) throws IOException {
        References.copyInto(root);

        Version version = repository.scan().model(model).version("default");

        assertThat(version).isInstanceOf(Version.Sound.class);
        assertThat(repository.verify((Version.Sound) version)).isNotEmpty();
    }

    /** The last four bytes of a safetensors file are its last value. */
    static byte[] withNan(byte[] safetensors) {
        byte[] spoiled = safetensors.clone();
        ByteBuffer.wrap(spoiled).order(ByteOrder.LITTLE_ENDIAN).putFloat(spoiled.length - 4, Float.NaN);
        return spoiled;
    }

    private Version version(int number) {
        return repository.scan().model("tiny").version(String.valueOf(number));
    }

    private Version.Sound sound(int number) {
        return (Version.Sound) version(number);
    }

    private String reason(int number) {
        return ((Version.Faulty) version(number)).reason();
    }
}
