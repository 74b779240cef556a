package io.github.latentdock.inference;

import ai.djl.ndarray.types.Shape;
import io.github.latentdock.autoencoder.DeclaredAutoencoder;
import io.github.latentdock.autoencoder.LatentDensity;
import io.github.latentdock.autoencoder.LatentOptimizer;
import io.github.latentdock.autoencoder.Likelihood;
import io.github.latentdock.autoencoder.PyTorch;
import io.github.latentdock.autoencoder.Safetensors;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.testing.References;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** What tests of the lanes need, put together without Spring. */
final class Parts {

    private static final Path FASHION_AE = References.version("fashion-ae");

    private Parts() {}

    /** The defaults, but for some properties by their names. */
    static InferenceProperties properties(Map<String, ?> changed) {
        var source = new MapConfigurationPropertySource();
        changed.forEach((name, value) -> source.put("latentdock.inference." + name, value));
        return new Binder(source).bindOrCreate("latentdock.inference", InferenceProperties.class);
    }

    /** A reference, in memory. */
    static LoadedModel fashionAe() {
        PyTorch.engine();
        try (Safetensors weights = Safetensors.open(FASHION_AE.resolve("weights.safetensors"))) {
            var manifest = Manifest.parse(Files.readAllBytes(FASHION_AE.resolve("model.json")));
            var autoencoder = DeclaredAutoencoder.load(manifest.parseNetwork(), weights);
            var optimizer = new LatentOptimizer(
                    autoencoder, new Shape(1, 28, 28), new Shape(32), Likelihood.GAUSSIAN, null, 64);
            var densities = new Densities("fashion-ae", LatentDensity.standardNormal(32), null, Runnable::run);
            return new LoadedModel(
                    manifest, 1, PyTorch.manager(), autoencoder, optimizer, densities, properties(Map.of()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A request that may take an hour and whose client stays. */
    static Call patientCall() {
        return new Call(Duration.ofHours(1), () -> false);
    }
}
