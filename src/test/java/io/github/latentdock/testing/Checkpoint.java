package io.github.latentdock.testing;

import io.github.latentdock.autoencoder.Safetensors;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A version of a model of a test's own, made from the reference VAE: every latent is so much larger, so that answers tell from which
 * version they come.
 *
 * @param shift what is added to the mean of the posterior
 */
public record Checkpoint(String model, int version, float shift) {

    private static final Path SOURCE = References.version("fashion-vae");

    /** Puts the whole folder into a repository at once. */
    public void dropInto(Path models) {
        try {
            Path whole = Files.createTempDirectory(models.toAbsolutePath().getParent(), "checkpoint");
            write(whole);
            Path target = models.resolve(model).resolve(String.valueOf(version));
            Files.createDirectories(target.getParent());
            Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the files into a folder, the manifest last. */
    public void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        writeWeights(folder);
        writeManifest(folder);
    }

    public void writeManifest(Path folder) throws IOException {
        var manifest = (ObjectNode)
                JsonMapper.shared().readTree(SOURCE.resolve("model.json").toFile());
        manifest.put("name", model).put("version", version).remove("files");
        Files.write(folder.resolve("model.json"), JsonMapper.shared().writeValueAsBytes(manifest));
    }

    public void writeWeights(Path folder) {
        var tensors = new LinkedHashMap<String, Values>();
        try (Safetensors weights = Safetensors.open(SOURCE.resolve("weights.safetensors"))) {
            weights.shapes().forEach((key, shape) -> {
                float[] values = weights.floats(key);
                tensors.put(key, new Values(shape, key.matches("mean\\.(0\\.)?bias") ? shifted(values) : values));
            });
        }
        Safetensors.write(folder.resolve("weights.safetensors"), tensors);
    }

    private float[] shifted(float[] values) {
        float[] shifted = Arrays.copyOf(values, values.length);
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] += shift;
        }
        return shifted;
    }

    public static void removeModel(Path models, String model) {
        try {
            FileSystemUtils.deleteRecursively(models.resolve(model));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
