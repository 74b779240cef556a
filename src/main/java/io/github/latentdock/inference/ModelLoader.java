package io.github.latentdock.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.github.latentdock.autoencoder.Autoencoder;
import io.github.latentdock.autoencoder.DeclaredAutoencoder;
import io.github.latentdock.autoencoder.FittedDensities;
import io.github.latentdock.autoencoder.InvalidModelException;
import io.github.latentdock.autoencoder.LatentDensity;
import io.github.latentdock.autoencoder.LatentOptimizer;
import io.github.latentdock.autoencoder.PyTorch;
import io.github.latentdock.autoencoder.Safetensors;
import io.github.latentdock.autoencoder.SavedCodes;
import io.github.latentdock.autoencoder.TorchScript;
import io.github.latentdock.autoencoder.UnitBall;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Version;
import io.github.latentdock.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reads a version into memory, checks that it is what its manifest says, and warms it up. */
@Component
final class ModelLoader {

    private final ModelRepository repository;
    private final InferenceProperties properties;
    private final InferenceMeters meters;
    private final Lanes lanes;
    /** Of its own, so that what clients wait for is not behind what is only prepared. */
    private final Executor fitter = BackgroundThread.named("density-fitter");

    ModelLoader(ModelRepository repository, InferenceProperties properties, InferenceMeters meters, Lanes lanes) {
        this.repository = repository;
        this.properties = properties;
        this.meters = meters;
        this.lanes = lanes;
    }

    /** @throws Problem INVALID when a file is not what the manifest says, or no network of the declared shapes */
    LoadedModel load(Version.Sound version) {
        repository.verify(version);
        Manifest manifest = version.manifest();
        NDManager manager = PyTorch.manager();
        Autoencoder autoencoder = null;
        LatentOptimizer optimizer = null;
        try {
            JniUtils.setGraphExecutorOptimize(false);
            autoencoder = autoencoder(version);
            warmUp(autoencoder, manifest, manager);
            float[] codes = codes(version.folder());
            optimizer = new LatentOptimizer(
                    manifest.latent().inUnitBall() ? new UnitBall(autoencoder) : autoencoder,
                    shape(manifest.input().shape()),
                    shape(manifest.latent().shape()),
                    manifest.input().likelihood(),
                    rows(codes, manifest),
                    properties.batchRows());
            optimizer.prepare();
            Densities densities = densities(version, codes);
            var model =
                    new LoadedModel(manifest, version.number(), manager, autoencoder, optimizer, densities, properties);
            meters.watchQueues(model, lanes::waitingRows);
            return model;
        } catch (InvalidModelException invalid) {
            free(optimizer, autoencoder, manager);
            throw Problem.of(Fault.INVALID, String.valueOf(invalid.getMessage()));
        } catch (RuntimeException | Error failure) {
            free(optimizer, autoencoder, manager);
            throw failure;
        }
    }

    private static Autoencoder autoencoder(Version.Sound version) {
        Manifest manifest = version.manifest();
        return switch (manifest.format()) {
            case SAFETENSORS -> {
                try (Safetensors weights = Safetensors.open(version.folder().resolve("weights.safetensors"))) {
                    yield DeclaredAutoencoder.load(manifest.parseNetwork(), weights);
                }
            }
            case TORCHSCRIPT ->
                TorchScript.load(
                        version.folder(),
                        manifest.kind(),
                        shape(manifest.input().shape()),
                        shape(manifest.latent().shape()));
        };
    }

    /** The first passes through a network are slow; no client should make them. */
    private void warmUp(Autoencoder autoencoder, Manifest manifest, NDManager manager) {
        for (int rows : new int[] {1, properties.batchRows()}) {
            try (NDManager batch = manager.newSubManager()) {
                NDArray z = batch.zeros(rows(rows, manifest.latent().shape()));
                if (autoencoder.hasEncoder()) {
                    z = autoencoder
                            .encode(batch.zeros(rows(rows, manifest.input().shape())))
                            .mean();
                }
                autoencoder.decode(z).toFloatArray();
            }
        }
    }

    private Densities densities(Version.Sound version, float @Nullable [] codes) {
        int size = latentSize(version.manifest());
        LatentDensity prior = version.manifest().latent().inUnitBall()
                ? LatentDensity.unitBall(size)
                : LatentDensity.standardNormal(size);
        Path file = version.folder().resolve(FittedDensities.FILE);
        return Files.exists(file)
                ? Densities.of(version.model(), prior, FittedDensities.read(file, size))
                : new Densities(version.model(), prior, codes, fitter);
    }

    private static float @Nullable [] codes(Path folder) {
        return Files.exists(folder.resolve(SavedCodes.FILE))
                ? SavedCodes.read(folder).codes()
                : null;
    }

    private static float @Nullable [][] rows(float @Nullable [] codes, Manifest manifest) {
        if (codes == null) {
            return null;
        }
        int size = latentSize(manifest);
        float[][] rows = new float[codes.length / size][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(codes, i * size, (i + 1) * size);
        }
        return rows;
    }

    private static int latentSize(Manifest manifest) {
        return Math.toIntExact(Tensor.size(manifest.latent().shape()));
    }

    private static void free(
            @Nullable LatentOptimizer optimizer, @Nullable Autoencoder autoencoder, NDManager manager) {
        if (optimizer != null) {
            optimizer.close();
        }
        if (autoencoder != null) {
            autoencoder.close();
        }
        manager.close();
    }

    private static Shape shape(int[] shape) {
        return new Shape(Arrays.stream(shape).asLongStream().toArray());
    }

    private static Shape rows(int rows, int[] shape) {
        return new Shape(rows).addAll(shape(shape));
    }
}
