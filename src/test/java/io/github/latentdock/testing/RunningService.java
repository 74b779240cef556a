package io.github.latentdock.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * The whole service with the {@linkplain References references} in both formats, and a copy of the shipped dataset. Tests that extend
 * this share one instance, so they leave those as they are.
 */
public abstract class RunningService extends WholeService {

    /** Every reference in both formats. */
    public static final List<String> ENCODERS = List.of("fashion-ae", "fashion-ae-ts", "fashion-vae", "fashion-vae-ts");

    public static final List<String> AUTO_DECODERS = List.of("fashion-ad", "fashion-ad-ts");

    protected static final Path MODELS = models();

    protected static final Path DATASETS = copy("data");

    @DynamicPropertySource
    static void folders(DynamicPropertyRegistry registry) {
        register(registry, MODELS, DATASETS);
    }

    /** PyTorch's outputs for a model or its TorchScript twin. */
    protected static Npz expected(String model) {
        return Npz.read("/reference/%s/expected.npz".formatted(model.replace("-ts", "")));
    }

    private static Path models() {
        try {
            Path models = folder("models");
            References.copyInto(models);
            return models;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
