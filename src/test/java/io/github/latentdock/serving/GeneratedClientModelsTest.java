package io.github.latentdock.serving;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.client.model.AliasTarget;
import io.github.latentdock.client.model.AliasedVersion;
import io.github.latentdock.client.model.DecodeRequest;
import io.github.latentdock.client.model.FileDigest;
import io.github.latentdock.client.model.Manifest;
import io.github.latentdock.client.model.Model;
import io.github.latentdock.client.model.ModelVersion;
import io.github.latentdock.client.model.PublishedVersion;
import io.github.latentdock.testing.References;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.client.HttpClientErrorException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** All operations on models, versions and aliases. */
class GeneratedClientModelsTest extends GeneratedClient {

    /** Published and deleted here, so that the shared models stay as they are. */
    private static final String OWN = "generated-client-vae";

    @TempDir
    private static Path temp;

    @Test
    @Calls({"listModels", "getModel", "getVersion"})
    void readsManifests() {
        Model listed = models.listModels().getModels().stream()
                .filter(model -> model.getName().equals(VAE))
                .findFirst()
                .orElseThrow();
        assertThat(listed).isEqualTo(models.getModel(VAE));
        assertThat(listed.getDefaultVersion()).isEqualTo(1);
        ModelVersion version = models.getVersion(VAE, "default");
        assertThat(version.getState()).isEqualTo(ModelVersion.StateEnum.READY);
        Manifest manifest = requireNonNull(version.getManifest());
        assertThat(manifest.getKind()).isEqualTo(Manifest.KindEnum.VAE);
        assertThat(manifest.getFormat()).isEqualTo(Manifest.FormatEnum.SAFETENSORS);
        assertThat(manifest.getInput().getShape()).containsExactly(1, 28, 28);
        assertThat(manifest.getLatent().getShape()).containsExactly(16);
        assertThat(requireNonNull(manifest.getNetwork()).keySet())
                .containsExactlyInAnyOrder("encoder", "mean", "log_variance", "decoder");
        assertThat(manifest.getFiles()).extractingByKey("weights.safetensors").returns(378_972L, FileDigest::getBytes);
    }

    @Test
    @Calls({"publishVersion", "getReconstructions", "getSamples", "deleteVersion"})
    void looksAtPicturesOfVersions() throws IOException {
        byte[] coat = Files.readAllBytes(Path.of("examples/coat.png"));
        byte[] boot = Files.readAllBytes(Path.of("examples/boot.png"));
        publish(Map.of("reconstructions.png", coat, "samples.png", boot));

        assertThat(models.getReconstructions(OWN, "1")).hasBinaryContent(coat);
        assertThat(models.getSamples(OWN, "default")).hasBinaryContent(boot);

        models.deleteVersion(OWN, 1);
        assertThat(status(() -> models.getSamples(OWN, "1"))).isEqualTo(404);
    }

    @Test
    @Calls({"publishVersion", "setAlias", "getModel", "decodeWithVersion", "deleteAlias", "deleteVersion"})
    void publishesServesAndDeletesVersions() throws IOException {
        PublishedVersion first = publish(Map.of());
        PublishedVersion second = publish(Map.of());
        assertThat(List.of(first.getVersion(), second.getVersion())).containsExactly(1, 2);
        assertThat(second.getManifest().getFiles()).containsOnlyKeys("weights.safetensors", "codes.safetensors");

        AliasedVersion canary = models.setAlias(OWN, "canary", new AliasTarget().version(1));
        assertThat(canary.getVersion()).isEqualTo(1);
        Model model = models.getModel(OWN);
        assertThat(model.getAliases()).containsExactly(Map.entry("canary", 1));
        assertThat(model.getVersions().stream().map(ModelVersion::getVersion)).containsExactly(2, 1);

        var request = new DecodeRequest().latents(rows(VAE, "z_random"));
        for (String version : List.of("canary", "2")) {
            assertClose(
                    versions.decodeWithVersion(OWN, version, request, null).getInstances(),
                    expected(VAE).get("decoded_random").values(),
                    OF_PIXELS);
        }

        assertThat(status(() -> models.deleteVersion(OWN, 1))).isEqualTo(409);
        models.deleteAlias(OWN, "canary");
        models.deleteVersion(OWN, 1);
        models.deleteVersion(OWN, 2);
        assertThat(status(() -> models.getModel(OWN))).isEqualTo(404);
    }

    /** The VAE under another name, with pictures. */
    private PublishedVersion publish(Map<String, byte[]> pictures) throws IOException {
        Path folder = References.version(VAE);
        JsonNode reference = JsonMapper.shared().readTree(Files.readAllBytes(folder.resolve("model.json")));
        ObjectNode manifest = ((ObjectNode) reference).put("name", OWN);
        manifest.remove(List.of("version", "files"));
        Path file = Files.write(temp.resolve("model.json"), JsonMapper.shared().writeValueAsBytes(manifest));
        List<File> files = new ArrayList<>(List.of(
                folder.resolve("weights.safetensors").toFile(),
                folder.resolve("codes.safetensors").toFile()));
        for (Map.Entry<String, byte[]> picture : pictures.entrySet()) {
            files.add(Files.write(temp.resolve(picture.getKey()), picture.getValue())
                    .toFile());
        }
        return models.publishVersion(OWN, files, file.toFile());
    }

    private static int status(ThrowingCallable call) {
        return catchThrowableOfType(HttpClientErrorException.class, call)
                .getStatusCode()
                .value();
    }
}
