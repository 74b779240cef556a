package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.problem.Words;
import io.github.latentdock.storage.Draft;
import io.github.latentdock.storage.FileDigest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/** A version that somebody wants to publish. */
record Upload(Manifest manifest, List<NewFile> files) {

    /** Checks what can be told before a byte is written. */
    static Upload of(String model, byte[] manifestJson, List<NewFile> files, ModelsProperties properties) {
        if (!Names.isModel(model)) {
            throw Problem.invalid(
                    "model", "model is '%s', it must match %s".formatted(Words.shortened(model), Names.MODEL));
        }
        if (manifestJson.length > properties.maxManifestSize().toBytes()) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    "manifest",
                    "The manifest has %d bytes, at most %s is allowed"
                            .formatted(manifestJson.length, properties.maxManifestSize()));
        }
        Manifest manifest = Manifest.parse(manifestJson);
        var faults = new ArrayList<FieldError>();
        if (!manifest.name().equals(model)) {
            faults.add(new FieldError(
                    "name",
                    "name is '%s', but it is published as '%s'".formatted(Words.shortened(manifest.name()), model)));
        }
        if (manifest.format() == Format.TORCHSCRIPT && !properties.allowTorchscriptUpload()) {
            faults.add(new FieldError(
                    "format",
                    "format is torchscript, which is code: only safetensors can be published,"
                            + " unless latentdock.models.allow-torchscript-upload is true"));
        }
        var names = new HashSet<String>();
        for (NewFile file : files) {
            if (!CheckpointFiles.KNOWN.contains(file.name())) {
                faults.add(new FieldError(
                        Words.shortened(file.name()),
                        "'%s' is no file of a version, %s are"
                                .formatted(Words.shortened(file.name()), String.join(", ", CheckpointFiles.KNOWN))));
            } else if (!names.add(file.name())) {
                faults.add(new FieldError(file.name(), "%s is there twice".formatted(file.name())));
            }
        }
        faults.addAll(CheckpointFiles.check(manifest.format(), manifest.kind(), names));
        throwIfAny(faults);
        return new Upload(manifest, files);
    }

    /** Writes all files but the manifest, and checks them. */
    SequencedMap<String, FileDigest> write(Draft draft, long maxBytes) throws IOException {
        var digests = new TreeMap<String, FileDigest>();
        long left = maxBytes;
        for (NewFile file : files) {
            try (InputStream content = file.content().getInputStream()) {
                FileDigest digest = draft.write(file.name(), content, left);
                digests.put(file.name(), digest);
                left -= digest.bytes();
            }
        }
        var checkpoint = new Checkpoint(draft.folder(), manifest, digests.keySet());
        var faults = new ArrayList<>(Checkpoint.compare(manifest, digests));
        faults.addAll(checkpoint.examine());
        if (faults.isEmpty()) {
            faults.addAll(checkpoint.examineValues());
        }
        throwIfAny(faults);
        return digests;
    }

    private static void throwIfAny(List<FieldError> faults) {
        if (!faults.isEmpty()) {
            throw Problem.of(Fault.INVALID, faults);
        }
    }
}
