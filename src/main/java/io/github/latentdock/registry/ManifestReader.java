package io.github.latentdock.registry;

import io.github.latentdock.autoencoder.ErrorQuantiles;
import io.github.latentdock.autoencoder.InvalidModelException;
import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.Likelihood;
import io.github.latentdock.autoencoder.Network;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.registry.Manifest.Input;
import io.github.latentdock.registry.Manifest.Latent;
import io.github.latentdock.registry.Manifest.Range;
import io.github.latentdock.storage.FileDigest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/**
 * Reads a manifest and finds all that is wrong with it at once. Only metrics and provenance may hold what this version of the
 * service does not know.
 */
final class ManifestReader {

    private static final Set<String> FIELDS = ordered(
            "name", "version", "kind", "format", "input", "latent", "network", "files", "metrics", "provenance");
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final TypeReference<LinkedHashMap<String, List<Map<String, Object>>>> NETWORK =
            new TypeReference<>() {};
    private static final Range UNIT = new Range(0, 1);

    private ManifestReader() {}

    static Manifest read(byte[] json) {
        JsonNode document;
        try {
            document = JsonFields.JSON.readTree(json);
        } catch (JacksonException e) {
            throw Problem.malformed("manifest", "The manifest is not JSON: " + e.getOriginalMessage());
        }
        if (!document.isObject()) {
            throw Problem.malformed("manifest", "The manifest must be a JSON object");
        }
        return manifest(new JsonFields(document));
    }

    private static Manifest manifest(JsonFields root) {
        root.allowOnly(FIELDS);
        root.require("name", "kind", "format", "input", "latent");
        String name = root.text("name");
        if (name != null && !Names.isModel(name)) {
            root.fault("name", "is '%s', it must match %s".formatted(name, Names.MODEL));
        }
        Integer version = version(root);
        Kind kind = root.choice("kind", Kind.class);
        Format format = root.choice("format", Format.class);
        Input input = input(root.object("input"));
        Latent latent = latent(root.object("latent"));
        var network = network(root.object("network"));
        if (format == Format.SAFETENSORS && root.isAbsent("network")) {
            root.fault("network", "is missing; format safetensors needs it");
        }
        SequencedMap<String, FileDigest> files = files(root.object("files"));
        JsonFields metrics = root.object("metrics");
        ErrorQuantiles quantiles = metrics == null ? null : quantiles(metrics.object("errorQuantiles"));
        JsonFields provenance = root.object("provenance");
        if (network != null
                && kind != null
                && input != null
                && latent != null
                && root.faults().isEmpty()) {
            try {
                Network.parse(network, kind, input.shape(), latent.shape());
            } catch (InvalidModelException e) {
                root.faults().addAll(Checkpoint.errors(e));
            }
        }
        if (!root.faults().isEmpty()) {
            throw Problem.of(Fault.INVALID, root.faults());
        }
        return new Manifest(
                Objects.requireNonNull(name),
                version,
                Objects.requireNonNull(kind),
                Objects.requireNonNull(format),
                Objects.requireNonNull(input),
                Objects.requireNonNull(latent),
                network,
                files,
                metrics == null ? Map.of() : metrics.map(),
                quantiles,
                provenance == null ? Map.of() : provenance.map());
    }

    private static @Nullable Integer version(JsonFields root) {
        Long version = root.count("version", 1);
        if (version != null && !Names.isVersion(version.toString())) {
            root.fault("version", "is %d, it must match %s".formatted(version, Names.VERSION));
            return null;
        }
        return version == null ? null : (Integer) version.intValue();
    }

    private static @Nullable Input input(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        fields.allowOnly(ordered("shape", "range", "likelihood"));
        fields.require("shape");
        int[] shape = fields.shape("shape");
        Likelihood given = fields.choice("likelihood", Likelihood.class);
        Likelihood likelihood = given == null ? Likelihood.GAUSSIAN : given;
        Range range = fields.range("range");
        if (!fields.has("range") && (likelihood == Likelihood.BERNOULLI || isImage(shape))) {
            range = UNIT;
        }
        if (likelihood == Likelihood.BERNOULLI && (range == null || range.low() < 0 || range.high() > 1)) {
            fields.fault("likelihood", "is bernoulli, which needs a range within [0, 1]");
        }
        return shape == null ? null : new Input(shape, range, likelihood);
    }

    private static boolean isImage(int @Nullable [] shape) {
        return shape != null && shape.length == 3 && (shape[0] == 1 || shape[0] == 3);
    }

    private static @Nullable Latent latent(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        fields.allowOnly(ordered("shape", "prior", "group"));
        fields.require("shape");
        int[] shape = fields.shape("shape");
        String prior = fields.text("prior");
        if (prior != null && !prior.equals(Manifest.STANDARD_NORMAL) && !prior.equals(Manifest.UNIT_BALL)) {
            fields.fault(
                    "prior",
                    "is '%s', it must be %s or %s".formatted(prior, Manifest.STANDARD_NORMAL, Manifest.UNIT_BALL));
        }
        Long group = fields.count("group", 1);
        if (group != null && shape != null && (shape.length != 1 || group >= shape[0])) {
            fields.fault(
                    "group",
                    "is %d, it must be less than the values of a latent that is a vector; the rest is the style"
                            .formatted(group));
        }
        return shape == null
                ? null
                : new Latent(
                        shape,
                        prior == null ? Manifest.STANDARD_NORMAL : prior,
                        group == null ? null : Math.toIntExact(group));
    }

    /** Lists of layers by section; what the layers say is read where the layers are known. */
    private static @Nullable Map<String, List<Map<String, Object>>> network(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        int known = fields.faults().size();
        for (String section : fields.keys()) {
            JsonNode layers = fields.node().path(section);
            if (!layers.isArray()) {
                fields.fault(section, "is %s, it must be a list of layers".formatted(JsonFields.shortened(layers)));
            }
            for (int i = 0; layers.isArray() && i < layers.size(); i++) {
                if (!layers.get(i).isObject()) {
                    fields.fault(
                            "%s[%d]".formatted(section, i),
                            "is %s, it must be an object with a type".formatted(JsonFields.shortened(layers.get(i))));
                }
            }
        }
        return fields.faults().size() > known ? null : JsonFields.JSON.treeToValue(fields.node(), NETWORK);
    }

    private static SequencedMap<String, FileDigest> files(@Nullable JsonFields fields) {
        var files = new TreeMap<String, FileDigest>();
        if (fields == null) {
            return files;
        }
        fields.allowOnly(CheckpointFiles.KNOWN);
        for (String file : fields.keys()) {
            JsonFields entry = fields.object(file);
            if (entry == null || !CheckpointFiles.KNOWN.contains(file)) {
                continue;
            }
            entry.allowOnly(ordered("sha256", "bytes"));
            entry.require("sha256", "bytes");
            String sha256 = entry.text("sha256");
            Long bytes = entry.count("bytes", 0);
            if (sha256 != null && !SHA_256.matcher(sha256).matches()) {
                entry.fault("sha256", "is '%s', it must be 64 lower-case hexadecimal digits".formatted(sha256));
            }
            if (sha256 != null && bytes != null) {
                files.put(file, new FileDigest(sha256, bytes));
            }
        }
        return Collections.unmodifiableSequencedMap(files);
    }

    private static @Nullable ErrorQuantiles quantiles(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        var values = new TreeMap<Double, Double>();
        for (String key : fields.keys()) {
            Double probability = probability(key);
            Double value = fields.number(key);
            if (probability == null || values.containsKey(probability)) {
                fields.fault(key, "is no probability of its own; keys are numbers from 0 to 1, such as \"0.95\"");
            } else if (fields.isAbsent(key) || value != null && value < 0) {
                fields.fault(key, "is %s, it must be a mean squared error, at least 0".formatted(value));
            } else if (value != null) {
                values.put(probability, value);
            }
        }
        double[] errors =
                values.values().stream().mapToDouble(Double::doubleValue).toArray();
        for (int i = 1; i < errors.length; i++) {
            if (errors[i] < errors[i - 1]) {
                List<Double> probabilities = List.copyOf(values.keySet());
                fields.fault(
                        probabilities.get(i).toString(),
                        "is %s, less than the %s of %s: quantiles never fall"
                                .formatted(errors[i], errors[i - 1], probabilities.get(i - 1)));
            }
        }
        if (errors.length < 2 && fields.keys().size() < 2) {
            fields.faults()
                    .add(new Problem.FieldError(
                            fields.path(),
                            fields.path() + " needs at least two probabilities to say something in between"));
        }
        if (!fields.faults().isEmpty()) {
            return null;
        }
        var quantiles = new LinkedHashMap<String, Double>();
        values.forEach((probability, value) -> quantiles.put(probability.toString(), value));
        return ErrorQuantiles.of(quantiles);
    }

    private static @Nullable Double probability(String key) {
        try {
            double probability = Double.parseDouble(key);
            return probability >= 0 && probability <= 1 ? (Double) probability : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** In the order in which messages tell them. */
    private static Set<String> ordered(String... names) {
        return Collections.unmodifiableSet(new LinkedHashSet<>(List.of(names)));
    }
}
