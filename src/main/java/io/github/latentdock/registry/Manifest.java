package io.github.latentdock.registry;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.latentdock.autoencoder.ErrorQuantiles;
import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.Likelihood;
import io.github.latentdock.autoencoder.Network;
import io.github.latentdock.storage.FileDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a version is and how to run it: {@code model.json}. What a manifest written by hand leaves out is filled in.
 *
 * @param name the model's name, as of its folder
 * @param version the version's number, as of its folder; null where the manifest leaves it to the folder
 * @param network the declared network, {@code nn.Sequential} lists by {@code encoder}, {@code mean}, {@code log_variance} and
 *     {@code decoder}; null when there is none, as in TorchScript
 * @param files what each file's content must be; empty where the manifest does not tell
 * @param metrics what was measured when it was trained
 * @param errorQuantiles {@code metrics.errorQuantiles}; null where there are none
 * @param provenance how it was made
 */
public record Manifest(
        String name,
        @Nullable Integer version,
        Kind kind,
        Format format,
        Input input,
        Latent latent,
        @Nullable Map<String, List<Map<String, Object>>> network,
        SequencedMap<String, FileDigest> files,
        Map<String, Object> metrics,
        @Nullable ErrorQuantiles errorQuantiles,
        Map<String, Object> provenance) {

    /** The file's name. It is written last, and a folder without it is no version. */
    public static final String FILE = "model.json";

    public static final String STANDARD_NORMAL = "standard-normal";

    /** Of an auto-decoder whose latents have length 1 at most. */
    public static final String UNIT_BALL = "unit-ball";

    /**
     * What goes into the encoder and comes out of the decoder.
     *
     * @param shape of one example, such as {@code [1, 28, 28]}
     * @param range what its values lie in; null when they are not bounded
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Input(int[] shape, @Nullable Range range, Likelihood likelihood) {}

    /** Both ends belong to it. */
    public record Range(double low, double high) {}

    /**
     * The space between the halves.
     *
     * @param shape of one latent, such as {@code [16]}
     * @param prior {@code standard-normal}, or {@code unit-ball} where latents are only searched within
     * @param group how many of a multi-level VAE's first values belong to an example's group; null for other models
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Latent(
            int[] shape, String prior, @Nullable Integer group) {

        /** Whether latents are kept in the unit ball. */
        public boolean inUnitBall() {
            return prior.equals(UNIT_BALL);
        }
    }

    /**
     * Reads a {@code model.json}.
     *
     * @throws io.github.latentdock.problem.Problem {@code MALFORMED} when it is not JSON; {@code INVALID} with every fault of it,
     *     each by its path
     */
    public static Manifest parse(byte[] json) {
        return ManifestReader.read(json);
    }

    /**
     * The version's number, of a manifest that was published.
     *
     * @throws IllegalStateException when the manifest does not tell
     */
    public int number() {
        if (version == null) {
            throw new IllegalStateException("the manifest of model '%s' has no version".formatted(name));
        }
        return version;
    }

    /**
     * The declared network, checked against the shapes.
     *
     * @throws IllegalStateException when there is none
     */
    public Network parseNetwork() {
        if (network == null) {
            throw new IllegalStateException("model '%s' declares no network".formatted(name));
        }
        return Network.parse(network, kind, input.shape, latent.shape);
    }

    /** This manifest for a version whose number and files are now known. */
    Manifest with(int number, SequencedMap<String, FileDigest> digests) {
        return new Manifest(
                name, number, kind, format, input, latent, network, digests, metrics, errorQuantiles, provenance);
    }

    /** The manifest as JSON, with all defaults written out. */
    @JsonValue
    public Map<String, Object> json() {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", name);
        if (version != null) {
            json.put("version", version);
        }
        json.put("kind", kind.name().toLowerCase(Locale.ROOT));
        json.put("format", format.label());
        var inputJson = new LinkedHashMap<String, @Nullable Object>();
        inputJson.put("shape", list(input.shape));
        inputJson.put("range", input.range == null ? null : List.of(number(input.range.low), number(input.range.high)));
        inputJson.put("likelihood", input.likelihood.name().toLowerCase(Locale.ROOT));
        json.put("input", inputJson);
        var latentJson = new LinkedHashMap<String, Object>();
        latentJson.put("shape", list(latent.shape));
        latentJson.put("prior", latent.prior);
        if (latent.group != null) {
            latentJson.put("group", latent.group);
        }
        json.put("latent", latentJson);
        if (network != null) {
            json.put("network", network);
        }
        var filesJson = new LinkedHashMap<String, Object>();
        files.forEach((file, digest) -> filesJson.put(file, digest));
        json.put("files", filesJson);
        json.put("metrics", metrics);
        json.put("provenance", provenance);
        return json;
    }

    private static List<Object> list(int[] shape) {
        return new ArrayList<>(Arrays.stream(shape).boxed().toList());
    }

    /** Whole numbers as people write them: {@code [0, 1]}, not {@code [0.0, 1.0]}. */
    private static Number number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e9) {
            return (int) value;
        }
        return value;
    }
}
