package io.github.latentdock.registry;

import io.github.latentdock.autoencoder.Safetensors;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.springframework.core.io.ByteArrayResource;

/** A valid autoencoder of 4 values and 2 latents, called {@code tiny}, and ways to spoil it. */
record TestModel(String manifest, SequencedMap<String, byte[]> files) {

    static final String MANIFEST = """
            {"name": "tiny", "kind": "ae", "format": "safetensors",
             "input": {"shape": [4]}, "latent": {"shape": [2]},
             "network": {"encoder": [{"type": "Linear", "in_features": 4, "out_features": 2}],
                         "decoder": [{"type": "Linear", "in_features": 2, "out_features": 4}]}}
            """;

    static TestModel valid() {
        var files = new LinkedHashMap<String, byte[]>();
        files.put(CheckpointFiles.WEIGHTS, safetensors(weights()));
        return new TestModel(MANIFEST, files);
    }

    static SequencedMap<String, Values> weights() {
        var weights = new LinkedHashMap<String, Values>();
        weights.put("encoder.0.weight", values(2, 4));
        weights.put("encoder.0.bias", values(2));
        weights.put("decoder.0.weight", values(4, 2));
        weights.put("decoder.0.bias", values(4));
        return weights;
    }

    static Values values(int... shape) {
        int size = 1;
        for (int dimension : shape) {
            size *= dimension;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = i * 0.25f;
        }
        return new Values(shape, values);
    }

    static byte[] safetensors(SequencedMap<String, Values> tensors) {
        try {
            Path file = Files.createTempFile("test", ".safetensors");
            Safetensors.write(file, tensors);
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    TestModel manifest(String from, String to) {
        if (!manifest.contains(from)) {
            throw new IllegalArgumentException("the manifest has no " + from);
        }
        return new TestModel(manifest.replace(from, to), files);
    }

    TestModel version(int version) {
        return manifest("\"kind\"", "\"version\": %d, \"kind\"".formatted(version));
    }

    TestModel file(String name, byte[] content) {
        var changed = new LinkedHashMap<>(files);
        changed.put(name, content);
        return new TestModel(manifest, changed);
    }

    TestModel without(String name) {
        var changed = new LinkedHashMap<>(files);
        changed.remove(name);
        return new TestModel(manifest, changed);
    }

    TestModel weights(UnaryOperator<byte[]> spoiled) {
        return file(CheckpointFiles.WEIGHTS, spoiled.apply(bytes(CheckpointFiles.WEIGHTS)));
    }

    byte[] bytes(String name) {
        byte[] bytes = files.get(name);
        if (bytes == null) {
            throw new IllegalArgumentException("there is no file " + name);
        }
        return bytes;
    }

    byte[] manifestBytes() {
        return manifest.getBytes(StandardCharsets.UTF_8);
    }

    List<NewFile> newFiles() {
        var list = new ArrayList<NewFile>();
        files.forEach((name, content) -> list.add(new NewFile(name, new ByteArrayResource(content))));
        return list;
    }

    /** As an operator copies a version by hand. */
    Path copyTo(Path folder) {
        try {
            Files.createDirectories(folder);
            for (var file : files.entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
            Files.write(folder.resolve(Manifest.FILE), manifestBytes());
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
