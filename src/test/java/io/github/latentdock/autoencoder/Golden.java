package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import tools.jackson.databind.json.JsonMapper;

/** Layers and what PyTorch gave for them; made by {@code src/test/python/golden_layers.py}. */
@SuppressWarnings("ArrayRecordComponent")
record Golden(String name, int[] in, int[] out, List<Map<String, Object>> layers, Map<String, Values> arrays) {

    private static final Path FOLDER = Path.of("src/test/resources/golden");

    @SuppressWarnings("ArrayRecordComponent")
    private record Case(String name, int[] in, int[] out, List<Map<String, Object>> layers) {}

    static List<Golden> all() {
        try (var arrays = Safetensors.open(FOLDER.resolve("layers.safetensors"))) {
            Case[] cases = JsonMapper.shared().readValue(FOLDER.resolve("layers.json"), Case[].class);
            return Arrays.stream(cases).map(one -> of(one, arrays)).toList();
        }
    }

    private static Golden of(Case one, Safetensors file) {
        var arrays = new LinkedHashMap<String, Values>();
        file.shapes().forEach((key, shape) -> {
            if (key.startsWith(one.name + "/")) {
                arrays.put(key.substring(one.name.length() + 1), new Values(shape, file.floats(key)));
            }
        });
        return new Golden(one.name, one.in, one.out, one.layers, arrays);
    }

    Network network() {
        return Network.parse(Map.of("decoder", layers), Kind.AD, out, in);
    }

    /** The layers as an auto-decoder's decoder. */
    DeclaredAutoencoder load() {
        SequencedMap<String, Values> weights = new LinkedHashMap<>(arrays);
        weights.keySet().removeIf(key -> !key.startsWith("decoder."));
        try {
            Path file = Files.createTempFile("golden", ".safetensors");
            Safetensors.write(file, weights);
            try (var written = Safetensors.open(file)) {
                return DeclaredAutoencoder.load(network(), written);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    NDArray array(String key, NDManager manager) {
        Values values = of(key);
        return manager.create(
                values.values(),
                new Shape(Arrays.stream(values.shape()).asLongStream().toArray()));
    }

    float[] values(String key) {
        return of(key).values();
    }

    private Values of(String key) {
        return Objects.requireNonNull(arrays.get(key), () -> name + " has no " + key);
    }

    @Override
    public String toString() {
        return name;
    }
}
