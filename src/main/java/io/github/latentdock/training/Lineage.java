package io.github.latentdock.training;

import io.github.latentdock.registry.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a version's weights have never seen, whoever of its ancestors was trained on what: of every data set that one of them was
 * trained on, by its id, the smallest share that was held out. A smaller share is part of a larger one ({@link
 * DatasetExamples.Split}), so that much of it is new to all of them, and no more.
 */
record Lineage(SortedMap<String, Double> heldOut) {

    /** In a version's provenance. */
    static final String HELD_OUT = "heldOut";

    /** In a checkpoint: going on from there, a model with an encoder may do without its parent. */
    static final String FILE = "lineage.json";

    Lineage {
        heldOut = Collections.unmodifiableSortedMap(new TreeMap<>(heldOut));
    }

    /** Of what goes on from a version; of what begins anew, nothing. */
    static Lineage of(Version.@Nullable Sound parent) {
        var heldOut = new TreeMap<String, Double>();
        if (parent != null) {
            Map<String, Object> provenance = parent.manifest().provenance();
            if (provenance.get(HELD_OUT) instanceof Map<?, ?> known) {
                known.forEach((id, fraction) -> put(heldOut, id, fraction));
            } else if (provenance.get("plan") instanceof Map<?, ?> plan
                    && plan.get("validation") instanceof Map<?, ?> validation) {
                put(heldOut, provenance.get("datasetDigest"), validation.get("fraction"));
            }
        }
        return new Lineage(heldOut);
    }

    /** A provenance may hold anything. */
    private static void put(Map<String, Double> heldOut, @Nullable Object id, @Nullable Object fraction) {
        if (id instanceof String dataset && fraction instanceof Number share) {
            heldOut.put(dataset, Math.clamp(share.doubleValue(), 0, 1));
        }
    }

    /** The largest share of a data set that can be held out: all of one that nobody was trained on. */
    double most(String dataset) {
        return heldOut.getOrDefault(dataset, 1.0);
    }

    /** After a training. */
    Lineage with(String dataset, double fraction) {
        var more = new TreeMap<>(heldOut);
        more.merge(dataset, fraction, Math::min);
        return new Lineage(more);
    }

    void write(Path checkpoint) {
        try {
            Files.write(checkpoint.resolve(FILE), JsonMapper.shared().writeValueAsBytes(this));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return null of a checkpoint from before this was noted */
    static @Nullable Lineage read(Path checkpoint) {
        Path file = checkpoint.resolve(FILE);
        try {
            return Files.exists(file) ? JsonMapper.shared().readValue(Files.readAllBytes(file), Lineage.class) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
