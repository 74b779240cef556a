package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in a network's declaration, which collects what is wrong there.
 *
 * @param path such as {@code network.decoder[2]}
 * @param before what comes in there, with its verb, such as {@code the latent has}
 */
record Site(String path, String before, List<Fault> faults) {

    /** The most values per row between two layers: 256 MiB. A declaration alone must not exhaust the memory. */
    static final long MAX_VALUES = 1L << 26;

    /** For what is known to fit together. */
    static Site nowhere() {
        return new Site("", "", new ArrayList<>());
    }

    void fault(String detail) {
        faults.add(new Fault(path, detail));
    }

    void fault(String argument, String detail) {
        faults.add(new Fault(path + "." + argument, detail));
    }

    /** An argument that disagrees with what comes in: {@code 16, but the latent has 32 values}. */
    void mismatch(String argument, Object given, int[] in) {
        fault(argument, "%s, but %s %s".formatted(given, before, words(in)));
    }

    /** What comes in has the wrong number of dimensions for this layer. */
    void mismatch(String needed, int[] in) {
        fault("needs %s, but %s %s".formatted(needed, before, words(in)));
    }

    /** A shape that was worked out, if there can be one. */
    int @Nullable [] shape(long... dimensions) {
        long values = 1;
        for (long dimension : dimensions) {
            if (dimension < 1) {
                fault("would give shape %s: what comes in is too small".formatted(Arrays.toString(dimensions)));
                return null;
            }
            values = dimension > MAX_VALUES ? MAX_VALUES + 1 : Math.min(values * dimension, MAX_VALUES + 1);
        }
        if (values > MAX_VALUES) {
            fault("would give shape %s; at most %d values per row are allowed"
                    .formatted(Arrays.toString(dimensions), MAX_VALUES));
            return null;
        }
        return Arrays.stream(dimensions).mapToInt(Math::toIntExact).toArray();
    }

    static String words(int[] shape) {
        return shape.length == 1 ? shape[0] + " values" : "shape " + Arrays.toString(shape);
    }
}
