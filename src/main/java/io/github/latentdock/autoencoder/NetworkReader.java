package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a declaration of a network: each layer must fit what comes in, and the sections the input and the latent. */
final class NetworkReader {

    private final Map<String, ? extends List<? extends Map<String, ?>>> declaration;
    private final Kind kind;
    private final int[] inputShape;
    private final int[] latentShape;
    private final SequencedMap<String, List<Layer>> sections = new LinkedHashMap<>();
    private final List<Fault> faults = new ArrayList<>();

    NetworkReader(
            Map<String, ? extends List<? extends Map<String, ?>>> declaration,
            Kind kind,
            int[] inputShape,
            int[] latentShape) {
        this.declaration = declaration;
        this.kind = kind;
        this.inputShape = inputShape;
        this.latentShape = latentShape;
    }

    /** See {@link Network#parse}. For one call. */
    Network read() {
        requireShape(inputShape, "input.shape");
        requireShape(latentShape, "latent.shape");
        requireNoFaults();
        requireSections();
        int[] encoded = read("encoder", inputShape, "the input has");
        if (!declaration.containsKey("mean")) {
            require(encoded, latentShape, "network.encoder", "the latent");
        }
        for (String head : List.of("mean", "log_variance")) {
            require(read(head, encoded, "the encoder gives"), latentShape, "network." + head, "the latent");
        }
        require(read("decoder", latentShape, "the latent has"), inputShape, "network.decoder", "the input");
        requireNoFaults();
        return new Network(sections, inputShape.clone(), latentShape.clone());
    }

    private void requireSections() {
        Set<String> allowed = switch (kind) {
            case AE -> Set.of("encoder", "mean", "decoder");
            case VAE -> Set.copyOf(Network.SECTIONS);
            case AD -> Set.of("decoder");
        };
        String name = kind.name().toLowerCase(Locale.ROOT);
        for (String section : declaration.keySet()) {
            if (!allowed.contains(section)) {
                faults.add(new Fault(
                        "network." + section,
                        "kind '%s' has no such section; allowed are %s"
                                .formatted(
                                        name,
                                        Network.SECTIONS.stream()
                                                .filter(allowed::contains)
                                                .toList())));
            }
        }
        for (String section : Network.SECTIONS) {
            boolean optional = kind == Kind.AE && section.equals("mean");
            if (allowed.contains(section) && !optional && !declaration.containsKey(section)) {
                faults.add(new Fault("network." + section, "is missing; kind '%s' needs it".formatted(name)));
            }
        }
    }

    private void requireShape(int[] shape, String where) {
        var site = new Site(where, "", faults);
        if (shape.length == 0 || shape.length > 8) {
            site.fault("has %d dimensions; must have 1 to 8".formatted(shape.length));
        } else if (Arrays.stream(shape).anyMatch(dimension -> dimension < 1)) {
            site.fault("is %s; dimensions must be at least 1".formatted(Arrays.toString(shape)));
        } else {
            site.shape(Arrays.stream(shape).asLongStream().toArray());
        }
    }

    private void require(int @Nullable [] given, int[] needed, String section, String what) {
        if (given != null && !Arrays.equals(given, needed)) {
            faults.add(new Fault(
                    section, "gives %s, but %s has %s".formatted(Site.words(given), what, Site.words(needed))));
        }
    }

    /** Gives the shape of what comes out of a section, or null where it is not there or something is wrong with it. */
    private int @Nullable [] read(String section, int @Nullable [] in, String before) {
        if (!declaration.containsKey(section)) {
            return null;
        }
        int known = faults.size();
        var site = new Site("network." + section, before, faults);
        List<Layer> layers =
                Layers.read(declaration.get(section), site, section.equals("decoder") ? latentShape : null);
        sections.put(section, layers);
        return in == null || faults.size() > known ? null : Layers.outputShape(layers, in, site);
    }

    private void requireNoFaults() {
        if (!faults.isEmpty()) {
            throw new InvalidModelException(faults);
        }
    }
}
