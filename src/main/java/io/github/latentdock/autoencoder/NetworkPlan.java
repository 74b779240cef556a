package io.github.latentdock.autoencoder;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The network that is to be trained: a preset that is fitted to the input, or the lists of layers that a manifest has.
 *
 * @param preset null where the layers are declared
 * @param hidden widths, or channels, of the preset's hidden layers from the input to the latent, of an auto-decoder from the latent to
 *     the output; null for the preset's own
 * @param activation what is between the preset's layers
 * @param latent the shape of a latent
 * @param encoder layers, and so on; null where there is a preset, or no such section
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record NetworkPlan(
        @Nullable Preset preset,
        @Nullable List<Integer> hidden,
        @Nullable String activation,
        int[] latent,
        @Nullable List<Map<String, Object>> encoder,
        @Nullable List<Map<String, Object>> mean,
        @JsonProperty("log_variance") @Nullable List<Map<String, Object>> logVariance,
        @Nullable List<Map<String, Object>> decoder) {

    /** A family of networks. */
    public enum Preset {
        /** Linear layers; any input. */
        @JsonProperty("mlp")
        MLP,
        /** Convolutions of which each halves height and width; inputs {@code [c, h, w]}. */
        @JsonProperty("conv")
        CONV
    }

    private static final Map<String, String> ACTIVATIONS = Map.of(
            "relu", "ReLU", "leaky-relu", "LeakyReLU", "elu", "ELU", "gelu", "GELU", "silu", "SiLU", "tanh", "Tanh");
    private static final int MOST_HIDDEN = 100;
    private static final int WIDEST = 1 << 16;

    /** @param latent a number, or the shape of a latent */
    @JsonCreator
    static NetworkPlan of(
            @Nullable Preset preset,
            @Nullable List<Integer> hidden,
            @Nullable String activation,
            @Nullable Object latent,
            @Nullable List<Map<String, Object>> encoder,
            @Nullable List<Map<String, Object>> mean,
            @JsonProperty("log_variance") @Nullable List<Map<String, Object>> logVariance,
            @Nullable List<Map<String, Object>> decoder) {
        boolean preconfigured = preset != null;
        return new NetworkPlan(
                preset,
                hidden,
                activation != null || !preconfigured ? activation : "relu",
                shape(latent),
                encoder,
                mean,
                logVariance,
                decoder);
    }

    private static int[] shape(@Nullable Object latent) {
        return switch (latent) {
            case Number size when isWhole(size) -> new int[] {size(size)};
            case List<?> list
            when list.stream().allMatch(NetworkPlan::isWhole) ->
                list.stream().mapToInt(size -> size((Number) size)).toArray();
            case null, default -> new int[0];
        };
    }

    private static boolean isWhole(@Nullable Object size) {
        return size instanceof Integer || size instanceof Long || size instanceof BigInteger;
    }

    /** One that no int holds is too large, whatever it is, or too small. */
    private static int size(Number size) {
        return size instanceof BigInteger large
                ? large.signum() * Integer.MAX_VALUE
                : Math.clamp(size.longValue(), -Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /**
     * What is declared.
     *
     * @param declaration sections of layers, as in a manifest
     * @param network the same, known to fit together
     */
    public record Declared(Map<String, List<Map<String, Object>>> declaration, Network network) {}

    /**
     * Fits the network to what it is for.
     *
     * @param unit whether what comes out should lie in [0, 1]
     * @throws InvalidModelException naming all that is wrong by paths such as {@code network.hidden[1]}
     */
    public Declared declare(Objective objective, int[] input, boolean unit) {
        List<Fault> faults = faults(objective, input);
        if (!faults.isEmpty()) {
            throw new InvalidModelException(faults);
        }
        var declaration = declaration(objective, input, unit);
        return new Declared(declaration, Network.parse(declaration, objective.kind(), input, latent));
    }

    private SequencedMap<String, List<Map<String, Object>>> declaration(
            Objective objective, int[] input, boolean unit) {
        if (preset != null) {
            var presets = new Presets(
                    input,
                    latent[0],
                    objective.kind(),
                    String.valueOf(ACTIVATIONS.get(activation)),
                    objective instanceof Objective.SkipVae,
                    unit);
            List<Integer> layers = hidden(preset, objective);
            return preset == Preset.MLP ? presets.mlp(layers) : presets.conv(layers);
        }
        var declaration = new LinkedHashMap<String, List<Map<String, Object>>>();
        put(declaration, "encoder", encoder);
        put(declaration, "mean", mean);
        put(declaration, "log_variance", logVariance);
        put(declaration, "decoder", decoder);
        return declaration;
    }

    private List<Integer> hidden(Preset family, Objective objective) {
        if (hidden != null) {
            return hidden;
        }
        return family == Preset.MLP ? List.of(400) : objective.kind() == Kind.AD ? List.of(64, 32) : List.of(32, 64);
    }

    private static void put(
            Map<String, List<Map<String, Object>>> declaration,
            String section,
            @Nullable List<Map<String, Object>> layers) {
        if (layers != null) {
            declaration.put(section, layers);
        }
    }

    private List<Fault> faults(Objective objective, int[] input) {
        var faults = new ArrayList<Fault>();
        if (latent.length > 0 && Arrays.stream(latent).allMatch(size -> size >= 1)) {
            if (Arrays.stream(latent).anyMatch(size -> size > WIDEST)) {
                faults.add(new Fault(
                        "network.latent",
                        "is too large; must be at most %d, or a shape of numbers up to that".formatted(WIDEST)));
            }
        } else {
            faults.add(new Fault(
                    "network.latent", "is missing or wrong; must be a number of values, or a shape such as [8, 4, 4]"));
        }
        if (objective instanceof Objective.MlVae multiLevel && latent.length > 0 && multiLevel.group() >= latent[0]) {
            faults.add(new Fault(
                    "objective.group",
                    "is %d; must be less than the latent's %d values, the rest being the style"
                            .formatted(multiLevel.group(), latent[0])));
        }
        if (objective instanceof Objective.MlVae && preset == null && latent.length > 1) {
            faults.add(new Fault("network.latent", "has a shape; a multi-level VAE needs a number of values"));
        }
        if (preset != null) {
            presetFaults(preset, objective, input, faults);
            if (objective instanceof Objective.SkipVae && hidden != null && hidden.isEmpty()) {
                faults.add(new Fault("network.hidden", "is empty; a Skip-VAE needs layers to feed the latent again"));
            }
        } else if (hidden != null || activation != null) {
            faults.add(new Fault("network", "hidden and activation go with a preset: mlp or conv"));
        } else if (decoder == null) {
            faults.add(new Fault("network", "needs a preset, mlp or conv, or lists of layers"));
        } else if (objective instanceof Objective.SkipVae
                && decoder.stream().noneMatch(layer -> "Skip".equals(layer.get("type")))) {
            faults.add(new Fault("network.decoder", "has no Skip layer; a Skip-VAE needs one"));
        }
        return faults;
    }

    private void presetFaults(Preset family, Objective objective, int[] input, List<Fault> faults) {
        if (encoder != null || mean != null || logVariance != null || decoder != null) {
            faults.add(new Fault("network", "has a preset and lists of layers; must have one of them"));
        }
        if (latent.length > 1) {
            faults.add(new Fault("network.latent", "has a shape; with a preset it must be a number of values"));
        }
        if (!ACTIVATIONS.containsKey(activation)) {
            faults.add(new Fault(
                    "network.activation",
                    "is '%s'; must be one of %s"
                            .formatted(
                                    activation,
                                    String.join(
                                            ", ",
                                            ACTIVATIONS.keySet().stream()
                                                    .sorted()
                                                    .toList()))));
        }
        List<Integer> widths = hidden(family, objective);
        if (widths.size() > MOST_HIDDEN) {
            faults.add(new Fault(
                    "network.hidden", "has %d numbers; must have at most %d".formatted(widths.size(), MOST_HIDDEN)));
        } else if (widths.stream().anyMatch(width -> width == null || width < 1 || width > WIDEST)) {
            faults.add(new Fault("network.hidden", "is %s; must be numbers from 1 to %d".formatted(widths, WIDEST)));
        } else if (family == Preset.CONV) {
            convFaults(widths, objective.kind(), input, faults);
        }
    }

    private static void convFaults(List<Integer> channels, Kind kind, int[] input, List<Fault> faults) {
        if (input.length != 3) {
            faults.add(new Fault(
                    "network.preset",
                    "is conv, for examples [channels, height, width], but these have %s".formatted(Site.words(input))));
        } else if (channels.isEmpty() || channels.size() > halvings(input)) {
            faults.add(new Fault(
                    "network.hidden",
                    "has %d channels, of which each halves %d x %d; 1 to %d are possible"
                            .formatted(channels.size(), input[1], input[2], halvings(input))));
        } else {
            List<Integer> down = kind == Kind.AD ? channels.reversed() : channels;
            for (int i = 0; i < down.size(); i++) {
                long values = (long) down.get(i) * (input[1] >> (i + 1)) * (input[2] >> (i + 1));
                if (values > Site.MAX_VALUES) {
                    faults.add(new Fault(
                            "network.hidden",
                            "has %d channels, of which an example makes %d values; at most %d are possible"
                                    .formatted(down.get(i), values, Site.MAX_VALUES)));
                }
            }
        }
    }

    /** How often a picture can be halved until its shorter side is 1. */
    private static int halvings(int[] input) {
        return 31 - Integer.numberOfLeadingZeros(Math.min(input[1], input[2]));
    }
}
