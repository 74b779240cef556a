package io.github.latentdock.testing;

import io.github.latentdock.Latentdock;
import io.github.latentdock.training.AnyLoops;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.util.FileSystemUtils;

/** All of the service on a random port, on folders of its own that go with the tests. */
@SpringBootTest(
        classes = {Latentdock.class, AnyLoops.class},
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
abstract class WholeService {

    @LocalServerPort
    private int port;

    protected Http http = new Http(0);

    @BeforeEach
    void waitUntilReady() {
        http = new Http(port);
        Waiting.until("the service is ready", () -> http.get("/readyz").status() == 200);
    }

    /** The folder of trainings is of its own for every service, for a process locks its database. */
    static void register(DynamicPropertyRegistry registry, Path models, Path datasets) {
        registry.add("latentdock.models.path", models::toString);
        registry.add("latentdock.training.path", () -> folder("trainings").toString());
        registry.add("latentdock.datasets.path", datasets::toString);
    }

    static Path folder(String name) {
        try {
            Path folder = Files.createTempDirectory(name);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path copy(String shipped) {
        try {
            Path copy = folder(shipped);
            FileSystemUtils.copyRecursively(Path.of(shipped), copy);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
