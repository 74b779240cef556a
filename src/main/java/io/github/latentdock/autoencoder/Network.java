package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import io.github.latentdock.autoencoder.Layer.Weight;
import io.github.latentdock.autoencoder.Layer.Weight.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The layers of an autoencoder as a manifest declares them, known to fit together, without weights. Their sections, each a
 * {@code torch.nn.Sequential}: {@code encoder}, its heads {@code mean} and {@code log_variance}, and {@code decoder}.
 */
public final class Network {

    static final List<String> SECTIONS = List.of("encoder", "mean", "log_variance", "decoder");

    private final SequencedMap<String, List<Layer>> sections;
    private final int[] inputShape;
    private final int[] latentShape;

    /** @param sections known to fit together */
    Network(SequencedMap<String, List<Layer>> sections, int[] inputShape, int[] latentShape) {
        this.sections = sections;
        this.inputShape = inputShape;
        this.latentShape = latentShape;
    }

    /**
     * Reads a declaration.
     *
     * @param declaration sections by name, each a list of layers: a type of {@code torch.nn} and its arguments
     * @param inputShape the shape of one example, such as {@code [1, 28, 28]}
     * @param latentShape the shape of one latent, such as {@code [16]}
     * @throws InvalidModelException naming every place where something is wrong, such as {@code network.decoder[0].in_features}
     */
    public static Network parse(
            Map<String, ? extends List<? extends Map<String, ?>>> declaration,
            Kind kind,
            int[] inputShape,
            int[] latentShape) {
        return new NetworkReader(declaration, kind, inputShape, latentShape).read();
    }

    public int[] inputShape() {
        return inputShape.clone();
    }

    public int[] latentShape() {
        return latentShape.clone();
    }

    /**
     * The tensors that the network needs, with their shapes: the {@code state_dict} of its parameters and buffers, keyed as PyTorch
     * does, such as {@code decoder.2.running_var}.
     */
    public SequencedMap<String, int[]> weights() {
        return weights(Set.of(Role.PARAMETER, Role.BUFFER));
    }

    /** Those of {@link #weights()} that are learned. */
    public SequencedMap<String, int[]> parameters() {
        return weights(Set.of(Role.PARAMETER));
    }

    /** How many values all {@link #weights()} have; {@link Long#MAX_VALUE} where one of them is too large for an array. */
    long size() {
        var size = new long[1];
        forEachWeight(Set.of(Role.PARAMETER, Role.BUFFER), (key, weight) -> {
            long one = 1;
            for (int dimension : weight.shape()) {
                one = TrainingMemory.times(one, dimension);
            }
            size[0] = TrainingMemory.plus(size[0], one > Integer.MAX_VALUE ? Long.MAX_VALUE : one);
        });
        return size[0];
    }

    /** How many values all layers together make of an example. */
    long activations() {
        long values = Layers.values(section("encoder"), inputShape);
        int[] encoded = Layers.outputShape(section("encoder"), inputShape, Site.nowhere());
        if (encoded != null) {
            values += Layers.values(section("mean"), encoded) + Layers.values(section("log_variance"), encoded);
        }
        return values + Layers.values(section("decoder"), latentShape);
    }

    private SequencedMap<String, int[]> weights(Set<Role> roles) {
        var weights = new LinkedHashMap<String, int[]>();
        forEachWeight(roles, (key, weight) -> weights.put(key, weight.shape()));
        return weights;
    }

    /** What {@link #weights()} are before training, as PyTorch's layers have them. */
    SequencedMap<String, Safetensors.Values> initial(RandomGenerator random) {
        var initial = new LinkedHashMap<String, Safetensors.Values>();
        forEachWeight(Set.of(Role.PARAMETER, Role.BUFFER), (key, weight) -> {
            float[] values = new float[Arrays.stream(weight.shape()).reduce(1, Math::multiplyExact)];
            for (int i = 0; i < values.length; i++) {
                double u = weight.spread() == 0 ? 0 : 2 * random.nextDouble() - 1;
                values[i] = (float) (weight.centre() + weight.spread() * u);
            }
            initial.put(key, new Safetensors.Values(weight.shape(), values));
        });
        return initial;
    }

    private void forEachWeight(Set<Role> roles, BiConsumer<String, Weight> each) {
        sections.forEach((section, layers) -> {
            for (int i = 0; i < layers.size(); i++) {
                for (Weight weight : layers.get(i).weights()) {
                    if (roles.contains(weight.role())) {
                        each.accept("%s.%d.%s".formatted(section, i, weight.name()), weight);
                    }
                }
            }
        });
    }

    /**
     * Compares the tensors that a file has with those that the network needs.
     *
     * @param found shapes by key; {@code num_batches_tracked} may be there or not, and a section of one layer may be keyed
     *     {@code mean.weight} or {@code mean.0.weight}
     * @return every key that is missing, left over or of a wrong shape; empty when all is well
     */
    public List<Fault> check(Map<String, int[]> found) {
        List<Fault> faults = new ArrayList<>();
        var leftOver = new LinkedHashSet<>(found.keySet());
        weights().forEach((key, shape) -> {
            String stored = storedKey(key, found.keySet());
            int[] given = found.get(stored);
            leftOver.remove(stored);
            if (given == null) {
                faults.add(new Fault(key, "is missing; must have shape " + Arrays.toString(shape)));
            } else if (!Arrays.equals(given, shape)) {
                faults.add(new Fault(
                        stored,
                        "has shape %s, but the network needs %s"
                                .formatted(Arrays.toString(given), Arrays.toString(shape))));
            }
        });
        weights(Set.of(Role.IGNORED)).keySet().forEach(key -> leftOver.remove(storedKey(key, found.keySet())));
        leftOver.forEach(key -> faults.add(new Fault(key, "is left over: the network has no such weight")));
        return faults;
    }

    /** The key under which a file has a weight: {@code mean.0.weight} or, where there is only one layer, {@code mean.weight}. */
    String storedKey(String key, Set<String> stored) {
        String section = key.substring(0, key.indexOf('.'));
        List<Layer> layers = sections.get(section);
        String single = section + key.substring(key.indexOf('.', section.length() + 1));
        return !stored.contains(key) && layers != null && layers.size() == 1 ? single : key;
    }

    boolean hasEncoder() {
        return sections.containsKey("encoder");
    }

    /** The encoder and its heads as a function of x, giving the latent, or mean and log-variance. */
    Program encoder(boolean training) {
        var script = new Script(List.of("x"), training);
        List<String> results = encode(script, "x");
        if (onlyReshapes("encoder")) {
            results =
                    results.stream().map(result -> script.assign(clone(result))).toList();
        }
        return new Program(script, script.source(results));
    }

    /** The decoder as a function of z. */
    Program decoder(boolean training) {
        var script = new Script(List.of("z"), training);
        String decoded = decode(script, "z");
        return new Program(
                script, script.source(List.of(onlyReshapes("decoder") ? script.assign(clone(decoded)) : decoded)));
    }

    /**
     * Writes the encoder and its heads down.
     *
     * @param x the variable of the examples
     * @return the variables of the latent, or of mean and log-variance
     */
    List<String> encode(Script script, String x) {
        List<Layer> layers = section("encoder");
        String encoded = Layers.write(layers, x, inputShape, script.scope("encoder", x));
        int[] shape = Layers.outputShape(layers, inputShape, Site.nowhere());
        List<String> results = new ArrayList<>();
        for (String head : List.of("mean", "log_variance")) {
            if (sections.containsKey(head) && shape != null) {
                results.add(Layers.write(section(head), encoded, shape, script.scope(head, encoded)));
            }
        }
        return results.isEmpty() ? List.of(encoded) : results;
    }

    /**
     * Writes the decoder down.
     *
     * @param z the variable of the latents
     * @return the variable of the examples
     */
    String decode(Script script, String z) {
        return Layers.write(section("decoder"), z, latentShape, script.scope("decoder", z));
    }

    /** The decoder without the sigmoid at its end, so that its cross-entropy can be taken of the logits; null where there is none. */
    @Nullable
    String decodeToLogits(Script script, String z) {
        List<Layer> layers = logits(section("decoder"));
        return layers == null ? null : Layers.write(layers, z, latentShape, script.scope("decoder", z));
    }

    private static @Nullable List<Layer> logits(List<Layer> decoder) {
        List<Layer> layers = new ArrayList<>(decoder);
        int last = layers.size() - 1;
        while (last >= 0 && layers.get(last) instanceof Reshaping && !(layers.get(last) instanceof Reshaping.Dropout)) {
            last--;
        }
        if (last < 0 || layers.get(last) != Activation.Plain.SIGMOID) {
            return null;
        }
        layers.set(last, Reshaping.Identity.IDENTITY);
        return layers;
    }

    /** A script and its source. */
    record Program(Script script, String source) {}

    /** Whether what comes out shares its memory with what comes in, which may be gone before. */
    private boolean onlyReshapes(String section) {
        return section(section).stream().allMatch(Reshaping.class::isInstance);
    }

    /** Whether training normalises by the statistics of a batch. */
    public boolean normalizesBatches() {
        return weights().keySet().stream().anyMatch(key -> key.endsWith("running_mean"));
    }

    /** Whether the decoder ends with a sigmoid, so that what it gives can be probabilities. */
    public boolean givesProbabilities() {
        return logits(section("decoder")) != null;
    }

    private static String clone(String result) {
        return "torch.clone(%s)".formatted(result);
    }

    private List<Layer> section(String name) {
        return sections.getOrDefault(name, List.of());
    }
}
