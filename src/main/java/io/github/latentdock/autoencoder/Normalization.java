package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Layer.Weight.Role;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Layers that shift and scale; none changes the shape. */
sealed interface Normalization extends Layer {

    double EPS = 1e-5;

    /**
     * {@code torch.nn.BatchNorm1d} ({@code [n, features]} or {@code [n, features, l]}) and {@code BatchNorm2d}
     * ({@code [n, features, h, w]}). Always with running statistics: without them an answer would depend on what else is in its
     * batch.
     *
     * @param spatial the number of dimensions after the features': 2, or 0 and 1
     */
    record BatchNorm(int features, double eps, double momentum, boolean affine, int spatial) implements Normalization {

        static BatchNorm read(Arguments arguments, Site site, int spatial) {
            var layer = new BatchNorm(
                    arguments.count("num_features"),
                    arguments.number("eps", EPS, 0, Float.MAX_VALUE),
                    arguments.number("momentum", 0.1, 0, 1),
                    arguments.flag("affine", true),
                    spatial);
            if (!arguments.flag("track_running_stats", true)) {
                site.fault(
                        "track_running_stats",
                        "is false; must be true, or an answer would depend on what else is in its batch");
            }
            return layer;
        }

        @Override
        public int @Nullable [] outputShape(int[] in, Site site) {
            if (spatial == 2 ? in.length != 3 : in.length > 2) {
                site.mismatch(
                        spatial == 2 ? "an image [channels, height, width]" : "[features] or [features, length]", in);
                return null;
            }
            if (in[0] != features) {
                site.mismatch("num_features", features, in);
            }
            return in;
        }

        @Override
        public List<Weight> weights() {
            Weight mean = Weight.buffer("running_mean", 0, features);
            Weight variance = Weight.buffer("running_var", 1, features);
            Weight count = new Weight("num_batches_tracked", new int[0], Role.IGNORED, 0, 0);
            return affine
                    ? List.of(
                            Weight.ofNormalization("weight", 1, features),
                            Weight.ofNormalization("bias", 0, features),
                            mean,
                            variance,
                            count)
                    : List.of(mean, variance, count);
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return "torch.batch_norm(%s, %s, %s, %s, %s, %s, %s, %s, True)"
                    .formatted(
                            h,
                            affine ? scope.weight("weight") : "None",
                            affine ? scope.weight("bias") : "None",
                            scope.weight("running_mean"),
                            scope.weight("running_var"),
                            scope.training() ? "True" : "False",
                            momentum,
                            eps);
        }
    }

    /** {@code torch.nn.LayerNorm}: over the last dimensions, which are {@code normalizedShape}. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record LayerNorm(int[] normalizedShape, double eps, boolean affine, boolean bias) implements Normalization {

        static LayerNorm read(Arguments arguments) {
            return new LayerNorm(
                    arguments.shape("normalized_shape", 1),
                    arguments.number("eps", EPS, 0, Float.MAX_VALUE),
                    arguments.flag("elementwise_affine", true),
                    arguments.flag("bias", true));
        }

        @Override
        public int[] outputShape(int[] in, Site site) {
            int skipped = in.length - normalizedShape.length;
            if (skipped < 0 || !Arrays.equals(Arrays.copyOfRange(in, skipped, in.length), normalizedShape)) {
                site.mismatch("normalized_shape", Arrays.toString(normalizedShape), in);
            }
            return in;
        }

        @Override
        public List<Weight> weights() {
            if (!affine) {
                return List.of();
            }
            Weight weight = Weight.ofNormalization("weight", 1, normalizedShape);
            return bias ? List.of(weight, Weight.ofNormalization("bias", 0, normalizedShape)) : List.of(weight);
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return "torch.layer_norm(%s, %s, %s, %s, %s, True)"
                    .formatted(
                            h,
                            Arrays.toString(normalizedShape),
                            affine ? scope.weight("weight") : "None",
                            affine && bias ? scope.weight("bias") : "None",
                            eps);
        }
    }

    /** {@code torch.nn.GroupNorm}: over groups of channels, {@code [n, channels, …]}. */
    record GroupNorm(int groups, int channels, double eps, boolean affine) implements Normalization {

        static GroupNorm read(Arguments arguments, Site site) {
            var layer = new GroupNorm(
                    arguments.count("num_groups"),
                    arguments.count("num_channels"),
                    arguments.number("eps", EPS, 0, Float.MAX_VALUE),
                    arguments.flag("affine", true));
            if (layer.channels % layer.groups != 0) {
                site.fault(
                        "num_groups",
                        "%d, but it must divide num_channels, %d".formatted(layer.groups, layer.channels));
            }
            return layer;
        }

        @Override
        public int[] outputShape(int[] in, Site site) {
            if (in[0] != channels) {
                site.mismatch("num_channels", channels, in);
            }
            return in;
        }

        @Override
        public List<Weight> weights() {
            return affine
                    ? List.of(
                            Weight.ofNormalization("weight", 1, channels), Weight.ofNormalization("bias", 0, channels))
                    : List.of();
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return "torch.group_norm(%s, %d, %s, %s, %s, True)"
                    .formatted(
                            h,
                            groups,
                            affine ? scope.weight("weight") : "None",
                            affine ? scope.weight("bias") : "None",
                            eps);
        }
    }
}
