package io.github.latentdock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What nobody would find in a list is told in the log. */
@ExtendWith(OutputCaptureExtension.class)
class StraysTest {

    @TempDir
    Path root;

    private Registry registry;

    @BeforeEach
    void setUp() {
        registry = Registry.at(root);
    }

    @Test
    void aRepositoryThatDoesNotExistIsToldWithItsPath(CapturedOutput log) {
        Path missing = root.resolve("missing");
        start(missing);

        assertThat(log).contains(missing + " does not exist, so no model is served");
    }

    @Test
    void aRepositoryWithoutModelsIsTold(CapturedOutput log) {
        start(root);

        assertThat(log).contains(root + " has no models, so no model is served");
    }

    @Test
    void aRepositoryWithAModelIsNotToldOf(CapturedOutput log) {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        start(root);

        assertThat(log).doesNotContain("WARN");
    }

    @Test
    void aFolderThatIsNoNumberIsToldOnce(CapturedOutput log) {
        TestModel.valid().copyTo(root.resolve("tiny/v1"));
        scan(3);

        assertThat(lines(log)).isEqualTo(1);
        assertThat(log).contains(root.resolve("tiny/v1") + " is no version");
    }

    @Test
    void aFolderThatComesBackIsToldAgain(CapturedOutput log) throws IOException {
        Path folder = Files.createDirectories(root.resolve("tiny/v1"));
        scan(1);
        Files.delete(folder);
        scan(1);
        Files.createDirectory(folder);
        scan(1);

        assertThat(lines(log)).isEqualTo(2);
    }

    @Test
    void aManifestOutsideOfAVersionIsTold(CapturedOutput log) {
        TestModel.valid().copyTo(root.resolve("tiny"));
        scan(3);

        assertThat(lines(log)).isEqualTo(1);
        assertThat(log).contains(root.resolve("tiny/model.json") + " is not read", root.resolve("tiny/1") + "");
    }

    @Test
    void aVersionWithoutManifestIsToldWhenNobodyFillsItAnyMore(CapturedOutput log) throws IOException {
        Path folder = Files.createDirectories(root.resolve("tiny/1"));
        Path weights = Files.write(folder.resolve("weights.safetensors"), new byte[1]);
        scan(Strays.SETTLED_LOOKS);
        Files.write(weights, new byte[2]);
        scan(Strays.SETTLED_LOOKS);
        assertThat(lines(log)).isZero();
        scan(2);

        assertThat(lines(log)).isEqualTo(1);
        assertThat(log).contains(folder + " is not served: it has no model.json");
    }

    @Test
    void emptyAndHiddenFoldersAreNotToldOf(CapturedOutput log) throws IOException {
        TestModel.valid().copyTo(root.resolve("tiny/1"));
        Files.createDirectories(root.resolve("tiny/2"));
        Files.createDirectories(root.resolve("tiny/.git"));
        scan(Strays.SETTLED_LOOKS + 2);

        assertThat(lines(log)).isZero();
    }

    private static void start(Path root) {
        Registry at = Registry.at(root);
        new RegistryConfiguration().modelRepository(at.store(), at.properties());
    }

    private void scan(int times) {
        for (int i = 0; i < times; i++) {
            registry.repository().scan();
        }
    }

    private static long lines(CapturedOutput log) {
        return log.getOut().lines().filter(line -> line.contains("WARN")).count();
    }
}
