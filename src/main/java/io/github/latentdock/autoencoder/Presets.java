package io.github.latentdock.autoencoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Networks fitted to the shape of an input, declared layer by layer as in a manifest.
 *
 * @param input the shape of an example
 * @param latent how many values a latent has
 * @param activation the type of layer between others
 * @param skip whether every layer of the decoder is fed the latent again (Dieng et al. 2019)
 * @param unit whether what comes out lies in [0, 1]
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Presets(int[] input, int latent, Kind kind, String activation, boolean skip, boolean unit) {

    /** A layer as a manifest declares it. */
    private static final class Section extends ArrayList<Map<String, Object>> {

        private static final long serialVersionUID = 1L;

        /** @param arguments name, value, name, value, … */
        Section layer(String type, Object... arguments) {
            var layer = new LinkedHashMap<String, Object>();
            layer.put("type", type);
            for (int i = 0; i < arguments.length; i += 2) {
                layer.put(String.valueOf(arguments[i]), arguments[i + 1]);
            }
            add(layer);
            return this;
        }

        Section linear(int in, int out) {
            return layer("Linear", "in_features", in, "out_features", out);
        }
    }

    /**
     * Linear layers.
     *
     * @param hidden their widths from the input to the latent, and back; of an auto-decoder from the latent to the output
     */
    SequencedMap<String, List<Map<String, Object>>> mlp(List<Integer> hidden) {
        int size = Arrays.stream(input).reduce(1, Math::multiplyExact);
        var network = new LinkedHashMap<String, List<Map<String, Object>>>();
        if (kind != Kind.AD) {
            var encoder = new Section();
            // A section has a layer, also that of a linear VAE, which has only heads.
            if (input.length > 1 || hidden.isEmpty()) {
                encoder.layer("Flatten");
            }
            int width = size;
            for (int next : hidden) {
                encoder.linear(width, next).layer(activation);
                width = next;
            }
            encode(network, encoder, width);
        }
        var decoder = new Section();
        int width = latent;
        for (int next : kind == Kind.AD ? hidden : hidden.reversed()) {
            skip(decoder.linear(width, next), next).layer(activation);
            width = next;
        }
        unit(skip(decoder.linear(width, size), size));
        if (input.length > 1) {
            decoder.layer("Unflatten", "dim", 1, "unflattened_size", list(input));
        }
        network.put("decoder", decoder);
        return network;
    }

    /**
     * Convolutions of which each halves height and width (DCGAN, Radford et al. 2016), for inputs {@code [c, h, w]}.
     *
     * @param channels from the input to the latent, and back; of an auto-decoder from the latent to the output
     */
    SequencedMap<String, List<Map<String, Object>>> conv(List<Integer> channels) {
        List<Integer> down = kind == Kind.AD ? channels.reversed() : channels;
        int[][] sizes = sizes(down.size());
        int[] smallest = sizes[down.size()];
        int flat = down.getLast() * smallest[0] * smallest[1];
        var network = new LinkedHashMap<String, List<Map<String, Object>>>();
        if (kind != Kind.AD) {
            var encoder = new Section();
            int from = input[0];
            for (int to : down) {
                encoder.layer(
                                "Conv2d",
                                "in_channels",
                                from,
                                "out_channels",
                                to,
                                "kernel_size",
                                4,
                                "stride",
                                2,
                                "padding",
                                1)
                        .layer("BatchNorm2d", "num_features", to)
                        .layer(activation);
                from = to;
            }
            encode(network, encoder.layer("Flatten"), flat);
        }
        var decoder = new Section().linear(latent, flat).layer(activation);
        decoder.layer("Unflatten", "dim", 1, "unflattened_size", List.of(down.getLast(), smallest[0], smallest[1]));
        for (int i = down.size() - 1; i >= 0; i--) {
            int to = i == 0 ? input[0] : down.get(i - 1);
            decoder.layer(
                    "ConvTranspose2d",
                    "in_channels",
                    down.get(i),
                    "out_channels",
                    to,
                    "kernel_size",
                    4,
                    "stride",
                    2,
                    "padding",
                    1,
                    "output_padding",
                    List.of(sizes[i][0] % 2, sizes[i][1] % 2));
            if (i == 0) {
                skip(decoder, to);
            } else {
                skip(decoder.layer("BatchNorm2d", "num_features", to), to).layer(activation);
            }
        }
        network.put("decoder", unit(decoder));
        return network;
    }

    /** Height and width before each halving and after the last. */
    private int[][] sizes(int halvings) {
        int[][] sizes = new int[halvings + 1][];
        sizes[0] = new int[] {input[1], input[2]};
        for (int i = 1; i <= halvings; i++) {
            sizes[i] = new int[] {sizes[i - 1][0] / 2, sizes[i - 1][1] / 2};
        }
        return sizes;
    }

    private void encode(Map<String, List<Map<String, Object>>> network, Section encoder, int width) {
        if (kind == Kind.VAE) {
            network.put("encoder", encoder);
            network.put("mean", new Section().linear(width, latent));
            network.put("log_variance", new Section().linear(width, latent));
        } else {
            network.put("encoder", encoder.linear(width, latent));
        }
    }

    /** The first layer, which gets the latent itself, needs no more of it. */
    private Section skip(Section decoder, int features) {
        return skip && decoder.size() > 1
                ? decoder.layer("Skip", "latent_features", latent, "features", features)
                : decoder;
    }

    private Section unit(Section decoder) {
        return unit ? decoder.layer("Sigmoid") : decoder;
    }

    private static List<Integer> list(int[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }
}
