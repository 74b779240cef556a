package io.github.latentdock.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What PyTorch trained, so that its numbers can be compared with. For each model the folder has its version 1, the same network as
 * TorchScript ({@code model.pt}) and PyTorch's outputs ({@code expected.npz}). Whatever is shipped in {@code models/} may change
 * without these.
 */
public final class References {

    private static final Path ROOT = Path.of("src/test/resources/reference");
    private static final List<String> MODELS = List.of("fashion-ae", "fashion-vae", "fashion-ad");

    private References() {}

    /** The folder of a version that declares its network. */
    public static Path version(String model) {
        return ROOT.resolve(model).resolve("1");
    }

    /** The folder of the model's {@code model.pt}. */
    public static Path script(String model) {
        return ROOT.resolve(model);
    }

    /** Puts every model into a repository, and its TorchScript beside it under the name with {@code -ts}. */
    public static void copyInto(Path repository) throws IOException {
        for (String model : MODELS) {
            FileSystemUtils.copyRecursively(
                    version(model), repository.resolve(model).resolve("1"));
            copyScriptInto(repository, model);
        }
    }

    /** Without metrics, so that there is a model that knows nothing of its errors. */
    private static void copyScriptInto(Path repository, String model) throws IOException {
        Path folder = Files.createDirectories(repository.resolve(model + "-ts").resolve("1"));
        Files.copy(version(model).resolve("codes.safetensors"), folder.resolve("codes.safetensors"));
        Files.copy(script(model).resolve("model.pt"), folder.resolve("model.pt"));
        var manifest = (ObjectNode) JsonMapper.shared()
                .readTree(version(model).resolve("model.json").toFile());
        manifest.put("name", model + "-ts").put("format", "torchscript").remove(List.of("network", "files", "metrics"));
        Files.write(folder.resolve("model.json"), JsonMapper.shared().writeValueAsBytes(manifest));
    }
}
