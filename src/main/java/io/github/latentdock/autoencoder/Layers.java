package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Activation.ELU;
import io.github.latentdock.autoencoder.Activation.GELU;
import io.github.latentdock.autoencoder.Activation.LeakyReLU;
import io.github.latentdock.autoencoder.Activation.Plain;
import io.github.latentdock.autoencoder.Activation.Softplus;
import io.github.latentdock.autoencoder.Combination.Residual;
import io.github.latentdock.autoencoder.Combination.Skip;
import io.github.latentdock.autoencoder.Convolution.Conv2d;
import io.github.latentdock.autoencoder.Convolution.ConvTranspose2d;
import io.github.latentdock.autoencoder.Normalization.BatchNorm;
import io.github.latentdock.autoencoder.Normalization.GroupNorm;
import io.github.latentdock.autoencoder.Normalization.LayerNorm;
import io.github.latentdock.autoencoder.Resampling.AvgPool2d;
import io.github.latentdock.autoencoder.Resampling.MaxPool2d;
import io.github.latentdock.autoencoder.Resampling.Upsample;
import io.github.latentdock.autoencoder.Reshaping.Dropout;
import io.github.latentdock.autoencoder.Reshaping.Flatten;
import io.github.latentdock.autoencoder.Reshaping.Identity;
import io.github.latentdock.autoencoder.Reshaping.Unflatten;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Layers that follow one another, as in {@code torch.nn.Sequential}. */
final class Layers {

    private static final int MAX_LAYERS = 1000;
    private static final int MAX_DEPTH = 8;
    private static final Map<String, Reader> TYPES = readers();

    /** Reads a layer's arguments. */
    private interface Reader {
        Layer read(Arguments arguments, Site site, Context context);
    }

    /**
     * What a layer's declaration may depend on.
     *
     * @param latent the latent's shape in a decoder, null elsewhere
     * @param depth how many layers are around this one
     */
    private record Context(int @Nullable [] latent, int depth) {}

    private Layers() {}

    /** The types that a declaration may name. */
    static Set<String> types() {
        return TYPES.keySet();
    }

    private static Map<String, Reader> readers() {
        var types = new LinkedHashMap<String, Reader>();
        types.put("Linear", (arguments, site, context) -> Linear.read(arguments));
        types.put("Conv2d", (arguments, site, context) -> new Conv2d(Convolution.Window.read(arguments, site)));
        types.put("ConvTranspose2d", (arguments, site, context) -> ConvTranspose2d.read(arguments, site));
        types.put("BatchNorm1d", (arguments, site, context) -> BatchNorm.read(arguments, site, 0));
        types.put("BatchNorm2d", (arguments, site, context) -> BatchNorm.read(arguments, site, 2));
        types.put("LayerNorm", (arguments, site, context) -> LayerNorm.read(arguments));
        types.put("GroupNorm", (arguments, site, context) -> GroupNorm.read(arguments, site));
        types.put("ReLU", (arguments, site, context) -> Plain.RELU);
        types.put("LeakyReLU", (arguments, site, context) -> LeakyReLU.read(arguments));
        types.put("ELU", (arguments, site, context) -> ELU.read(arguments));
        types.put("GELU", (arguments, site, context) -> GELU.read(arguments));
        types.put("SiLU", (arguments, site, context) -> Plain.SILU);
        types.put("Tanh", (arguments, site, context) -> Plain.TANH);
        types.put("Sigmoid", (arguments, site, context) -> Plain.SIGMOID);
        types.put("Softplus", (arguments, site, context) -> Softplus.read(arguments));
        types.put("Flatten", (arguments, site, context) -> Flatten.read(arguments));
        types.put("Unflatten", (arguments, site, context) -> Unflatten.read(arguments, site));
        types.put(
                "MaxPool2d",
                (arguments, site, context) -> new MaxPool2d(Resampling.Window.read(arguments, site, true)));
        types.put(
                "AvgPool2d",
                (arguments, site, context) -> new AvgPool2d(
                        Resampling.Window.read(arguments, site, false), arguments.flag("count_include_pad", true)));
        types.put("Upsample", (arguments, site, context) -> Upsample.read(arguments, site));
        types.put("Dropout", (arguments, site, context) -> Dropout.read(arguments));
        types.put("Identity", (arguments, site, context) -> Identity.IDENTITY);
        types.put("Skip", (arguments, site, context) -> Skip.read(arguments, site, context.latent));
        types.put(
                "Residual",
                (arguments, site, context) -> new Residual(read(
                        arguments.any("layers"),
                        new Site(site.path() + ".layers", site.before(), site.faults()),
                        new Context(context.latent, context.depth + 1))));
        return types;
    }

    /**
     * Reads what a manifest declares. All that is wrong with the layers themselves is told to the site; how they fit together is
     * another matter.
     */
    static List<Layer> read(@Nullable Object declared, Site site, int @Nullable [] latent) {
        return read(declared, site, new Context(latent, 0));
    }

    private static List<Layer> read(@Nullable Object declared, Site site, Context context) {
        if (!(declared instanceof List<?> list) || list.isEmpty() || list.size() > MAX_LAYERS) {
            site.fault("must be a list of 1 to %d layers".formatted(MAX_LAYERS));
            return List.of();
        }
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            Layer layer = layer(list.get(i), at(site, i), context);
            if (layer != null) {
                layers.add(layer);
            }
        }
        return layers;
    }

    private static @Nullable Layer layer(@Nullable Object declared, Site site, Context context) {
        if (context.depth > MAX_DEPTH) {
            site.fault("is nested too deeply; at most %d layers may be around a layer".formatted(MAX_DEPTH));
            return null;
        }
        if (!(declared instanceof Map<?, ?> given)) {
            site.fault("must be an object with a type");
            return null;
        }
        Reader reader = given.get("type") instanceof String type ? TYPES.get(type) : null;
        if (reader == null) {
            site.fault("type", "is %s; known are %s".formatted(given.get("type"), String.join(", ", TYPES.keySet())));
            return null;
        }
        var arguments = new Arguments(given, site);
        Layer layer = reader.read(arguments, site, context);
        arguments.refuseOthers();
        return layer;
    }

    /** The shape of a row behind the last layer; null where it cannot be told, for a reason that the site was told. */
    static int @Nullable [] outputShape(List<Layer> layers, int[] in, Site site) {
        int[] shape = in;
        for (int i = 0; i < layers.size(); i++) {
            shape = layers.get(i).outputShape(shape, at(site, i));
            if (shape == null) {
                return null;
            }
        }
        return shape;
    }

    /** How many values the layers make of a row, one after the other, that they did not find in memory as they are. */
    static long values(List<Layer> layers, int[] in) {
        var site = new Site("", "", new ArrayList<>());
        long values = 0;
        int[] shape = in;
        for (Layer layer : layers) {
            if (layer instanceof Residual residual) {
                values += values(residual.layers(), shape);
            }
            shape = layer.outputShape(shape, site);
            if (shape == null) {
                break;
            }
            if (!(layer instanceof Reshaping) || layer instanceof Dropout) {
                values += Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b);
            }
        }
        return values;
    }

    /** Writes the layers down as TorchScript, each in a line; gives the variable that holds what comes out. */
    static String write(List<Layer> layers, String h, int[] in, Script.Scope scope) {
        var site = new Site("", "", new ArrayList<>());
        int[] shape = in;
        String variable = h;
        for (int i = 0; i < layers.size() && shape != null; i++) {
            Layer layer = layers.get(i);
            variable = scope.assign(layer.expression(variable, shape, scope.within(String.valueOf(i))));
            shape = layer.outputShape(shape, site);
        }
        return variable;
    }

    private static Site at(Site site, int index) {
        return new Site(
                "%s[%d]".formatted(site.path(), index),
                index == 0 ? site.before() : "the layer before gives",
                site.faults());
    }
}
