package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import tools.jackson.databind.json.JsonMapper;

/** An objective of a network, with what PyTorch gave for it; made by {@code src/test/python/golden_objectives.py}. */
@SuppressWarnings("ArrayRecordComponent")
record GoldenObjective(
        String name, Objective objective, boolean masked, Network network, SequencedMap<String, Values> arrays) {

    private static final Path FOLDER = Path.of("src/test/resources/golden");

    @SuppressWarnings("ArrayRecordComponent")
    private record Case(
            String name,
            Objective objective,
            int[] input,
            int[] latent,
            boolean masked,
            Map<String, List<Map<String, Object>>> network) {}

    static List<GoldenObjective> all() {
        try (var file = Safetensors.open(FOLDER.resolve("objectives.safetensors"))) {
            Case[] cases = JsonMapper.shared().readValue(FOLDER.resolve("objectives.json"), Case[].class);
            return Arrays.stream(cases).map(one -> of(one, file)).toList();
        }
    }

    static GoldenObjective named(String name) {
        return all().stream()
                .filter(golden -> golden.name.equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static GoldenObjective of(Case one, Safetensors file) {
        var arrays = new LinkedHashMap<String, Values>();
        file.shapes().forEach((key, shape) -> {
            if (key.startsWith(one.name + "/")) {
                arrays.put(key.substring(one.name.length() + 1), new Values(shape, file.floats(key)));
            }
        });
        Network network = Network.parse(one.network, one.objective.kind(), one.input, one.latent);
        return new GoldenObjective(one.name, one.objective, one.masked, network, arrays);
    }

    NDArray array(String key, NDManager manager) {
        return DeclaredAutoencoder.array(
                Objects.requireNonNull(arrays.get(key), () -> name + " has no " + key), manager);
    }

    float[] values(String key) {
        return Objects.requireNonNull(arrays.get(key), () -> name + " has no " + key)
                .values();
    }

    @Override
    public String toString() {
        return name;
    }
}
