package io.github.latentdock.autoencoder;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Layers that, when serving, leave the values alone: what comes out may share its memory with what comes in. */
sealed interface Reshaping extends Layer {

    /** Counts from the end where negative, as PyTorch does, with the batch as dimension 0; -1 where there is none such. */
    private static int dimension(int dim, int dimensions) {
        int counted = dim < 0 ? dim + dimensions : dim;
        return counted < 1 || counted >= dimensions ? -1 : counted;
    }

    /** {@code torch.nn.Flatten}; rows stay apart. */
    record Flatten(int startDim, int endDim) implements Reshaping {

        static Flatten read(Arguments arguments) {
            return new Flatten(arguments.integer("start_dim", 1), arguments.integer("end_dim", -1));
        }

        @Override
        public int @Nullable [] outputShape(int[] in, Site site) {
            int start = dimension(startDim, in.length + 1);
            int end = dimension(endDim, in.length + 1);
            if (start < 0) {
                site.mismatch("start_dim", startDim + " is none of its dimensions after the batch's", in);
                return null;
            }
            if (end < start) {
                site.mismatch("end_dim", endDim + " is none of its dimensions from start_dim on", in);
                return null;
            }
            long flat = Arrays.stream(in, start - 1, end).asLongStream().reduce(1, (a, b) -> a * b);
            return site.shape(LongStream.concat(
                            LongStream.concat(Arrays.stream(in, 0, start - 1).asLongStream(), LongStream.of(flat)),
                            Arrays.stream(in, end, in.length).asLongStream())
                    .toArray());
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return "torch.flatten(%s, %d, %d)".formatted(h, startDim, endDim);
        }
    }

    /** {@code torch.nn.Unflatten}; one of the sizes may be -1: what is left. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Unflatten(int dim, int[] sizes) implements Reshaping {

        static Unflatten read(Arguments arguments, Site site) {
            var layer = new Unflatten(arguments.integer("dim"), arguments.shape("unflattened_size", -1));
            if (Arrays.stream(layer.sizes).anyMatch(size -> size == 0)
                    || Arrays.stream(layer.sizes).filter(size -> size == -1).count() > 1) {
                site.fault(
                        "unflattened_size",
                        "%s; sizes must be at least 1, and one may be -1".formatted(Arrays.toString(layer.sizes)));
            }
            return layer;
        }

        @Override
        public int @Nullable [] outputShape(int[] in, Site site) {
            int at = dimension(dim, in.length + 1) - 1;
            if (at < 0) {
                site.mismatch("dim", dim + " is none of its dimensions after the batch's", in);
                return null;
            }
            long known = 1;
            for (int size : sizes) {
                known = size > 0 ? Math.min(known * size, Integer.MAX_VALUE) : known;
            }
            boolean open = Arrays.stream(sizes).anyMatch(size -> size < 0);
            if (open ? in[at] % known != 0 : in[at] != known) {
                site.mismatch("unflattened_size", Arrays.toString(sizes), in);
            }
            long rest = in[at] / known;
            return site.shape(IntStream.concat(
                            IntStream.concat(
                                    Arrays.stream(in, 0, at),
                                    Arrays.stream(sizes).map(size -> size < 0 ? (int) rest : size)),
                            Arrays.stream(in, at + 1, in.length))
                    .asLongStream()
                    .toArray());
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return "torch.unflatten(%s, %d, %s)".formatted(h, dim, Arrays.toString(sizes));
        }
    }

    /** {@code torch.nn.Dropout}: in training a value becomes 0 with probability p and otherwise grows by 1 / (1 - p). */
    record Dropout(double p) implements Reshaping {

        static Dropout read(Arguments arguments) {
            return new Dropout(arguments.number("p", 0.5, 0, 1));
        }

        @Override
        public int[] outputShape(int[] in, Site site) {
            return in;
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return scope.training() && p > 0 ? "torch.mul(%s, %s)".formatted(h, scope.dropout(p, in)) : h;
        }
    }

    /** {@code torch.nn.Identity}. */
    enum Identity implements Reshaping {
        IDENTITY;

        @Override
        public int[] outputShape(int[] in, Site site) {
            return in;
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return h;
        }
    }
}
