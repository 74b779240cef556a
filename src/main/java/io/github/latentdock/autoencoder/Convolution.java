package io.github.latentdock.autoencoder;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Convolutions over images: {@code [n, in_channels, h, w]} becomes {@code [n, out_channels, h', w']}. */
sealed interface Convolution extends Layer {

    Window window();

    /**
     * What the two kinds have in common.
     *
     * @param bias whether a value is added per channel
     */
    record Window(
            int inChannels,
            int outChannels,
            Pair kernel,
            Pair stride,
            Pair padding,
            Pair dilation,
            int groups,
            boolean bias) {

        static Window read(Arguments arguments, Site site) {
            Pair one = new Pair(1, 1);
            var window = new Window(
                    arguments.count("in_channels"),
                    arguments.count("out_channels"),
                    arguments.pair("kernel_size", 1),
                    arguments.pair("stride", 1, one),
                    arguments.pair("padding", 0, new Pair(0, 0)),
                    arguments.pair("dilation", 1, one),
                    arguments.count("groups", 1),
                    arguments.flag("bias", true));
            arguments.choice("padding_mode", "zeros", "zeros");
            if (window.inChannels % window.groups != 0 || window.outChannels % window.groups != 0) {
                site.fault(
                        "groups",
                        "%d, but it must divide in_channels, %d, and out_channels, %d"
                                .formatted(window.groups, window.inChannels, window.outChannels));
            }
            return window;
        }

        private boolean fits(int[] in, Site site) {
            if (in.length != 3) {
                site.mismatch("an image [channels, height, width]", in);
                return false;
            }
            if (in[0] != inChannels) {
                site.mismatch("in_channels", inChannels, in);
            }
            return true;
        }

        /** @param more rows and columns than the side gives */
        int @Nullable [] outputShape(int[] in, Site site, Side side, Pair more) {
            return fits(in, site)
                    ? site.shape(
                            outChannels,
                            side.size(in[1], kernel.height(), stride.height(), padding.height(), dilation.height())
                                    + more.height(),
                            side.size(in[2], kernel.width(), stride.width(), padding.width(), dilation.width())
                                    + more.width())
                    : null;
        }
    }

    /** How long a side of what comes out is. */
    @FunctionalInterface
    interface Side {
        long size(int in, int kernel, int stride, int padding, int dilation);
    }

    @Override
    default List<Weight> weights() {
        Window window = window();
        int first = this instanceof ConvTranspose2d ? window.inChannels : window.outChannels;
        int second = this instanceof ConvTranspose2d ? window.outChannels : window.inChannels;
        int height = window.kernel.height();
        int width = window.kernel.width();
        long fanIn = (long) second / window.groups * height * width;
        Weight weight = Weight.ofSum("weight", fanIn, first, second / window.groups, height, width);
        return window.bias ? List.of(weight, Weight.ofSum("bias", fanIn, window.outChannels)) : List.of(weight);
    }

    /** {@code torch.nn.Conv2d}, {@code padding_mode} zeros. */
    record Conv2d(Window window) implements Convolution {

        @Override
        public int @Nullable [] outputShape(int[] in, Site site) {
            return window.outputShape(in, site, Conv2d::size, new Pair(0, 0));
        }

        private static long size(int in, int kernel, int stride, int padding, int dilation) {
            return Math.floorDiv(in + 2L * padding - (long) dilation * (kernel - 1) - 1, stride) + 1;
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return "torch.conv2d(%s, %s, %s, %s, %s, %s, %d)"
                    .formatted(
                            h,
                            scope.weight("weight"),
                            window.bias ? scope.weight("bias") : "None",
                            window.stride,
                            window.padding,
                            window.dilation,
                            window.groups);
        }
    }

    /** {@code torch.nn.ConvTranspose2d}. */
    record ConvTranspose2d(Window window, Pair outputPadding) implements Convolution {

        static ConvTranspose2d read(Arguments arguments, Site site) {
            Window window = Window.read(arguments, site);
            Pair outputPadding = arguments.pair("output_padding", 0, new Pair(0, 0));
            if (outputPadding.height() >= Math.max(window.stride.height(), window.dilation.height())
                    || outputPadding.width() >= Math.max(window.stride.width(), window.dilation.width())) {
                site.fault(
                        "output_padding",
                        "%s, but it must be smaller than stride, %s, or dilation, %s"
                                .formatted(outputPadding, window.stride, window.dilation));
            }
            return new ConvTranspose2d(window, outputPadding);
        }

        @Override
        public int @Nullable [] outputShape(int[] in, Site site) {
            return window.outputShape(in, site, ConvTranspose2d::size, outputPadding);
        }

        private static long size(int in, int kernel, int stride, int padding, int dilation) {
            return (in - 1L) * stride - 2L * padding + (long) dilation * (kernel - 1) + 1;
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            SubPixel subPixel = SubPixel.of(this, in);
            return subPixel != null
                    ? subPixel.expression(h, scope)
                    : "torch.conv_transpose2d(%s, %s, %s, %s, %s, %s, %d, %s)"
                            .formatted(
                                    h,
                                    scope.weight("weight"),
                                    window.bias ? scope.weight("bias") : "None",
                                    window.stride,
                                    window.padding,
                                    outputPadding,
                                    window.groups,
                                    window.dilation);
        }
    }
}
