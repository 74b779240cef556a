package io.github.latentdock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the manifests of the shipped models tell of the files beside them is true. */
class ShippedModelsTest {

    private static final Path MODELS = Path.of("models");
    private static final long LIMIT = 10L << 20;

    @ParameterizedTest
    @MethodSource("versions")
    void aManifestListsEveryFileBesideIt(Path version) {
        assertThat(Set.copyOf(manifest(version).get("files").propertyNames()))
                .isEqualTo(files(version)
                        .map(file -> file.getFileName().toString())
                        .filter(name -> !name.equals("model.json"))
                        .collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everyFileHasTheSizeAndDigestOfItsManifest(Path version) throws Exception {
        for (var listed : manifest(version).get("files").properties()) {
            byte[] content = Files.readAllBytes(version.resolve(listed.getKey()));
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            assertThat(content.length + " " + HexFormat.of().formatHex(digest))
                    .as("%s/%s", version, listed.getKey())
                    .isEqualTo(listed.getValue().get("bytes").asInt() + " "
                            + listed.getValue().get("sha256").asString());
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aManifestIsNamedAfterItsFolder(Path version) {
        JsonNode manifest = manifest(version);
        assertThat(MODELS.resolve(
                        manifest.get("name").asString(), manifest.get("version").asString()))
                .isEqualTo(version);
    }

    @Test
    void allTogetherStaySmallEnoughForAClone() {
        assertThat(versions()
                        .flatMap(ShippedModelsTest::files)
                        .mapToLong(file -> file.toFile().length())
                        .sum())
                .isBetween(1L, LIMIT);
    }

    static Stream<Path> versions() {
        return files(MODELS).flatMap(ShippedModelsTest::files).sorted();
    }

    private static Stream<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode manifest(Path version) {
        return JsonMapper.shared().readTree(version.resolve("model.json").toFile());
    }
}
