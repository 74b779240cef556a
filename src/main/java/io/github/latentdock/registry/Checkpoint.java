package io.github.latentdock.registry;

import io.github.latentdock.autoencoder.Dtype;
import io.github.latentdock.autoencoder.FittedDensities;
import io.github.latentdock.autoencoder.InvalidModelException;
import io.github.latentdock.autoencoder.Safetensors;
import io.github.latentdock.autoencoder.SavedCodes;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.storage.FileDigest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The files of a version, as far as they can be judged without running them.
 *
 * @param folder where they are
 * @param files their names; others in the folder are nobody's concern
 */
record Checkpoint(Path folder, Manifest manifest, Collection<String> files) {

    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final Set<Dtype> FLOATS = Set.of(Dtype.F16, Dtype.BF16, Dtype.F32, Dtype.F64);

    /** What is wrong by names and headers: quick, whatever the size of the files. */
    List<FieldError> examine() {
        var faults = new ArrayList<>(CheckpointFiles.check(manifest.format(), manifest.kind(), files));
        if (!faults.isEmpty()) {
            return faults;
        }
        for (String file : files) {
            try {
                switch (file) {
                    case CheckpointFiles.WEIGHTS -> examineWeights(faults);
                    case CheckpointFiles.CODES -> examineCodes(faults);
                    case CheckpointFiles.DENSITY -> examineDensity();
                    case CheckpointFiles.RECONSTRUCTIONS, CheckpointFiles.SAMPLES -> examinePicture(file, faults);
                    default -> examineScript(file, faults);
                }
            } catch (InvalidModelException e) {
                faults.addAll(errors(e));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return faults;
    }

    /** What is wrong by content, which reads every byte once more: values that are not numbers. */
    List<FieldError> examineValues() {
        var faults = new ArrayList<FieldError>();
        for (String file : List.of(CheckpointFiles.WEIGHTS, CheckpointFiles.CODES)) {
            if (files.contains(file)) {
                try (Safetensors tensors = Safetensors.open(folder.resolve(file))) {
                    tensors.requireFinite();
                } catch (InvalidModelException e) {
                    faults.addAll(errors(e));
                }
            }
        }
        return faults;
    }

    /** How contents differ from what the manifest says of them; it may say nothing at all. */
    static List<FieldError> compare(Manifest manifest, Map<String, FileDigest> digests) {
        var faults = new ArrayList<FieldError>();
        if (manifest.files().isEmpty()) {
            return faults;
        }
        manifest.files().forEach((file, told) -> {
            FileDigest found = digests.get(file);
            if (found == null) {
                faults.add(new FieldError(file, "%s is missing: the manifest's files name it".formatted(file)));
            } else if (found.bytes() != told.bytes()) {
                faults.add(new FieldError(
                        file, "%s has %d bytes, the manifest says %d".formatted(file, found.bytes(), told.bytes())));
            } else if (!found.sha256().equals(told.sha256())) {
                faults.add(new FieldError(
                        file,
                        "%s has the SHA-256 %s, the manifest says %s".formatted(file, found.sha256(), told.sha256())));
            }
        });
        for (String file : digests.keySet()) {
            if (!manifest.files().containsKey(file)) {
                faults.add(
                        new FieldError(file, "%s is there, but the manifest's files do not name it".formatted(file)));
            }
        }
        return faults;
    }

    static List<FieldError> errors(InvalidModelException invalid) {
        return invalid.faults().stream()
                .map(fault -> new FieldError(fault.where(), fault.toString()))
                .toList();
    }

    private void examineWeights(List<FieldError> faults) {
        try (Safetensors weights = Safetensors.open(folder.resolve(CheckpointFiles.WEIGHTS))) {
            manifest.parseNetwork()
                    .check(weights.shapes())
                    .forEach(fault -> faults.add(new FieldError(fault.where(), fault.toString())));
        }
    }

    private void examineCodes(List<FieldError> faults) {
        try (Safetensors codes = Safetensors.open(folder.resolve(CheckpointFiles.CODES))) {
            int[] latent = manifest.latent().shape();
            long besides = codes.entries().keySet().stream()
                    .filter(key -> !key.equals(SavedCodes.LOG_VARIANCES))
                    .count();
            boolean right = besides == 1;
            int rows = -1;
            for (Safetensors.Entry entry : codes.entries().values()) {
                int[] shape = entry.shape();
                right &= FLOATS.contains(entry.dtype())
                        && shape.length == latent.length + 1
                        && shape[0] > 0
                        && (rows < 0 || rows == shape[0])
                        && Arrays.equals(shape, 1, shape.length, latent, 0, latent.length);
                rows = shape.length == 0 ? 0 : shape[0];
            }
            if (!right) {
                String needed = "[n, %s]"
                        .formatted(Arrays.toString(latent).replace("[", "").replace("]", ""));
                faults.add(new FieldError(
                        CheckpointFiles.CODES,
                        "%s holds %s, it must hold one tensor of floats of shape %s, and beside it log_variances or nothing"
                                .formatted(CheckpointFiles.CODES, told(codes), needed)));
            }
        }
    }

    private void examineDensity() {
        int size = Arrays.stream(manifest.latent().shape()).reduce(1, Math::multiplyExact);
        FittedDensities.read(folder.resolve(CheckpointFiles.DENSITY), size);
    }

    /** For people to look at: that it says to be a PNG is all that is asked of it. */
    private void examinePicture(String file, List<FieldError> faults) throws IOException {
        try (InputStream content = Files.newInputStream(folder.resolve(file), LinkOption.NOFOLLOW_LINKS)) {
            if (!Arrays.equals(content.readNBytes(PNG.length), PNG)) {
                faults.add(new FieldError(file, "%s is no PNG: it does not begin like one".formatted(file)));
            }
        }
    }

    private static String told(Safetensors tensors) {
        List<String> told = tensors.entries().entrySet().stream()
                .limit(3)
                .map(named -> "%s: %s %s"
                        .formatted(
                                named.getKey(),
                                named.getValue().dtype(),
                                Arrays.toString(named.getValue().shape())))
                .toList();
        return tensors.entries().isEmpty() ? "no tensor" : String.join(", ", told);
    }

    /** A TorchScript file is a zip with code in it; a state_dict saved by torch.save is one without, and full of pickles. */
    private void examineScript(String file, List<FieldError> faults) throws IOException {
        try (var zip = new ZipFile(folder.resolve(file).toFile())) {
            if (zip.stream().noneMatch(entry -> entry.getName().endsWith("/constants.pkl"))) {
                faults.add(new FieldError(
                        file, "%s is no TorchScript: torch.jit.save makes one, torch.save does not".formatted(file)));
            }
        } catch (ZipException e) {
            faults.add(new FieldError(file, "%s is no TorchScript, or truncated: %s".formatted(file, e.getMessage())));
        }
    }
}
