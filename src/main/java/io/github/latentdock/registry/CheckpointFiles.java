package io.github.latentdock.registry;

import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The names that files of a version have; there are no others. */
final class CheckpointFiles {

    static final String WEIGHTS = "weights.safetensors";
    static final String CODES = "codes.safetensors";
    static final String MODEL = "model.pt";
    static final String ENCODER = "encoder.pt";
    static final String DECODER = "decoder.pt";
    static final String DENSITY = "density.safetensors";
    static final String RECONSTRUCTIONS = "reconstructions.png";
    static final String SAMPLES = "samples.png";

    static final Set<String> KNOWN = Collections.unmodifiableSet(
            new LinkedHashSet<>(List.of(WEIGHTS, CODES, MODEL, ENCODER, DECODER, DENSITY, RECONSTRUCTIONS, SAMPLES)));

    private CheckpointFiles() {}

    /** What is missing among the files of a version, and what nothing would read. */
    static List<FieldError> check(Format format, Kind kind, Collection<String> files) {
        var faults = new ArrayList<FieldError>();
        switch (format) {
            case SAFETENSORS -> {
                require(faults, files, WEIGHTS, "format safetensors needs it");
                refuse(faults, files, "format safetensors does not read it", MODEL, ENCODER, DECODER);
            }
            case TORCHSCRIPT -> {
                refuse(faults, files, "format torchscript does not read it", WEIGHTS);
                if (files.contains(ENCODER) || files.contains(DECODER)) {
                    refuse(faults, files, "encoder.pt and decoder.pt come instead of it", MODEL);
                    require(faults, files, DECODER, "encoder.pt alone decodes nothing");
                    if (kind == Kind.AD) {
                        refuse(faults, files, "an auto-decoder has no encoder", ENCODER);
                    } else {
                        require(faults, files, ENCODER, "only an auto-decoder goes without");
                    }
                } else {
                    require(faults, files, MODEL, "format torchscript needs it, or encoder.pt and decoder.pt");
                }
            }
        }
        return faults;
    }

    private static void require(List<FieldError> faults, Collection<String> files, String name, String why) {
        if (!files.contains(name)) {
            faults.add(new FieldError(name, "%s is missing: %s".formatted(name, why)));
        }
    }

    private static void refuse(List<FieldError> faults, Collection<String> files, String why, String... names) {
        for (String name : names) {
            if (files.contains(name)) {
                faults.add(new FieldError(name, "%s is one too many: %s".formatted(name, why)));
            }
        }
    }
}
