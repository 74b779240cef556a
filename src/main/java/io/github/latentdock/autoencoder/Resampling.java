package io.github.latentdock.autoencoder;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Layers that make images smaller or larger: {@code [n, c, h, w]} becomes {@code [n, c, h', w']}. */
sealed interface Resampling extends Layer {

    private static boolean isImage(int[] in, Site site) {
        if (in.length != 3) {
            site.mismatch("an image [channels, height, width]", in);
        }
        return in.length == 3;
    }

    /** The window that a pooling slides; {@code ceilMode} lets it begin within the image and end beyond it. */
    record Window(Pair kernel, Pair stride, Pair padding, Pair dilation, boolean ceilMode) {

        static Window read(Arguments arguments, Site site, boolean dilates) {
            Pair kernel = arguments.pair("kernel_size", 1);
            Pair one = new Pair(1, 1);
            var window = new Window(
                    kernel,
                    arguments.pair("stride", 1, kernel),
                    arguments.pair("padding", 0, new Pair(0, 0)),
                    dilates ? arguments.pair("dilation", 1, one) : one,
                    arguments.flag("ceil_mode", false));
            if (2 * window.padding.height() > kernel.height() || 2 * window.padding.width() > kernel.width()) {
                site.fault(
                        "padding",
                        "%s, but it must be at most half of kernel_size, %s".formatted(window.padding, kernel));
            }
            return window;
        }

        int @Nullable [] slide(int[] in, Site site) {
            return isImage(in, site)
                    ? site.shape(
                            in[0],
                            size(in[1], kernel.height(), stride.height(), padding.height(), dilation.height()),
                            size(in[2], kernel.width(), stride.width(), padding.width(), dilation.width()))
                    : null;
        }

        private long size(int in, int kernel, int stride, int padding, int dilation) {
            long room = in + 2L * padding - (long) dilation * (kernel - 1) - 1;
            long size = Math.floorDiv(ceilMode ? room + stride - 1 : room, stride) + 1;
            // A window that would begin in the padding behind the image is left out.
            return ceilMode && (size - 1) * stride >= (long) in + padding ? size - 1 : size;
        }
    }

    /** {@code torch.nn.MaxPool2d}. */
    record MaxPool2d(Window window) implements Resampling {

        @Override
        public int @Nullable [] outputShape(int[] in, Site site) {
            return window.slide(in, site);
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return "torch.max_pool2d(%s, %s, %s, %s, %s, %s)"
                    .formatted(
                            h,
                            window.kernel,
                            window.stride,
                            window.padding,
                            window.dilation,
                            window.ceilMode ? "True" : "False");
        }
    }

    /** {@code torch.nn.AvgPool2d}. */
    record AvgPool2d(Window window, boolean countIncludePad) implements Resampling {

        @Override
        public int @Nullable [] outputShape(int[] in, Site site) {
            return window.slide(in, site);
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return "torch.avg_pool2d(%s, %s, %s, %s, %s, %s)"
                    .formatted(
                            h,
                            window.kernel,
                            window.stride,
                            window.padding,
                            window.ceilMode ? "True" : "False",
                            countIncludePad ? "True" : "False");
        }
    }

    /** {@code torch.nn.Upsample}, to a size or by factors, one of which is null. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Upsample(@Nullable Pair size, double @Nullable [] factors, boolean bilinear, boolean alignCorners)
            implements Resampling {

        static Upsample read(Arguments arguments, Site site) {
            Pair size = arguments.optionalPair("size", 1);
            double[] factors = arguments.factors("scale_factor");
            boolean bilinear =
                    arguments.choice("mode", "nearest", "nearest", "bilinear").equals("bilinear");
            Boolean alignCorners = arguments.flag("align_corners");
            if ((size == null) == (factors == null)) {
                site.fault("needs either size or scale_factor");
            }
            if (alignCorners != null && !bilinear) {
                site.fault("align_corners", "is only for mode bilinear");
            }
            return new Upsample(size, factors, bilinear, Boolean.TRUE.equals(alignCorners));
        }

        @Override
        public int @Nullable [] outputShape(int[] in, Site site) {
            if (!isImage(in, site)) {
                return null;
            }
            if (size != null) {
                return site.shape(in[0], size.height(), size.width());
            }
            return factors == null
                    ? null
                    : site.shape(in[0], (long) Math.floor(in[1] * factors[0]), (long) Math.floor(in[2] * factors[1]));
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return bilinear
                    ? "torch.upsample_bilinear2d(%s, %s, %s, %s)"
                            .formatted(h, size == null ? "None" : size, alignCorners ? "True" : "False", given())
                    : "torch.upsample_nearest2d(%s, %s, %s)".formatted(h, size == null ? "None" : size, given());
        }

        private String given() {
            return factors == null ? "None" : Arrays.toString(factors);
        }
    }
}
