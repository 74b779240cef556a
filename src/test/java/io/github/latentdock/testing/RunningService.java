package io.github.latentdock.testing;

import io.github.latentdock.Latentdock;
import io.github.latentdock.training.AnyLoops;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.util.FileSystemUtils;

/**
 * The whole service on a random port, with copies of the shipped models, of the same networks as TorchScript, and of the shipped
 * dataset. Tests that extend this share one instance, so they leave those as they are.
 */
@SpringBootTest(
        classes = {Latentdock.class, AnyLoops.class},
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
public abstract class RunningService {

    /** Every reference in both formats. */
    public static final List<String> ENCODERS = List.of("fashion-ae", "fashion-ae-ts", "fashion-vae", "fashion-vae-ts");

    public static final List<String> AUTO_DECODERS = List.of("fashion-ad", "fashion-ad-ts");

    protected static final Path MODELS = models();

    protected static final Path DATASETS = copy("data");

    @LocalServerPort
    private int port;

    protected Http http = new Http(0);

    @DynamicPropertySource
    static void modelRepository(DynamicPropertyRegistry registry) {
        registry.add("latentdock.models.path", MODELS::toString);
        registry.add("latentdock.training.path", () -> folder("trainings").toString());
        registry.add("latentdock.datasets.path", DATASETS::toString);
    }

    @BeforeEach
    void waitUntilReady() {
        http = new Http(port);
        Waiting.until("the service is ready", () -> http.get("/readyz").status() == 200);
    }

    /** PyTorch's outputs for a model or its TorchScript twin. */
    protected static Npz expected(String model) {
        return Npz.read("/reference/%s/expected.npz".formatted(model.replace("-ts", "")));
    }

    /** Of its own for every service, for a process locks its database. */
    private static Path folder(String name) {
        try {
            Path folder = Files.createTempDirectory(name);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path models() {
        try {
            Path models = copy("models");
            for (String name : List.of("fashion-ae", "fashion-ad")) {
                asTorchScript(models, name);
            }
            return models;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path copy(String shipped) {
        try {
            Path copy = Files.createTempDirectory(shipped);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(copy)));
            FileSystemUtils.copyRecursively(Path.of(shipped), copy);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void asTorchScript(Path models, String name) throws IOException {
        Path from = models.resolve(name).resolve("1");
        Path to = Files.createDirectories(models.resolve(name + "-ts").resolve("1"));
        if (Files.exists(from.resolve("codes.safetensors"))) {
            Files.copy(from.resolve("codes.safetensors"), to.resolve("codes.safetensors"));
        }
        Files.copy(Path.of("src/test/resources/reference", name, "model.pt"), to.resolve("model.pt"));
        Files.writeString(to.resolve("model.json"), """
                {"name": "%s-ts", "version": 1, "kind": "%s", "format": "torchscript",
                 "input": {"shape": [1, 28, 28], "range": [0, 1], "likelihood": "gaussian"},
                 "latent": {"shape": [32], "prior": "standard-normal"}}
                """.formatted(name, name.endsWith("ad") ? "ad" : "ae"));
    }

    private static void delete(Path folder) {
        try {
            if (folder.getFileSystem() == FileSystems.getDefault()) {
                FileSystemUtils.deleteRecursively(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
