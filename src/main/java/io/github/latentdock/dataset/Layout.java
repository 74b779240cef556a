package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a file's row become those of an example. Bytes of two dimensions are grey pictures and get a channel; bytes
 * whose last dimension is a pixel's colour, as NumPy's pictures are, get their channels first.
 */
@SuppressWarnings("ArrayRecordComponent")
record Layout(int[] from, int[] shape, boolean channelsLast) {

    static Layout of(String field, Rows rows, int maxValues) {
        int[] from = rows.shape();
        if (from.length == 0) {
            throw Problem.invalid(
                    field, "%s has one dimension, two or more are needed: the first counts the rows".formatted(field));
        }
        requireSize(field, from, maxValues);
        if (rows.isBytes() && from.length == 2) {
            return new Layout(from, new int[] {1, from[0], from[1]}, false);
        }
        if (rows.isBytes() && from.length == 3 && isColour(from[2]) && !isColour(from[0])) {
            return new Layout(from, new int[] {from[2], from[0], from[1]}, true);
        }
        return new Layout(from, from, false);
    }

    private static boolean isColour(int dimension) {
        return dimension == 1 || dimension == 3;
    }

    private static void requireSize(String field, int[] shape, int maxValues) {
        long size = 1;
        for (int dimension : shape) {
            if (dimension == 0) {
                throw Problem.invalid(
                        field,
                        "%s has rows of shape %s, which hold no values".formatted(field, Arrays.toString(shape)));
            }
            size = size > maxValues ? size : size * dimension;
        }
        if (size > maxValues) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    field,
                    "%s has rows of shape %s, at most %d values are allowed in one"
                            .formatted(field, Arrays.toString(shape), maxValues));
        }
    }

    int size() {
        return (int) Tensor.size(shape);
    }

    /** The layout of a mask, which may have the shape of the file or that of the examples. */
    Layout ofMask(String field, int[] maskShape) {
        if (Arrays.equals(maskShape, from)) {
            return this;
        }
        if (!Arrays.equals(squeezed(maskShape), squeezed(shape))) {
            throw Problem.invalid(
                    field,
                    "%s has rows of shape %s, those of file have %s"
                            .formatted(field, Arrays.toString(maskShape), Arrays.toString(from)));
        }
        return new Layout(maskShape, shape, false);
    }

    private static int[] squeezed(int[] shape) {
        return Arrays.stream(shape).filter(dimension -> dimension != 1).toArray();
    }

    /** Where an example's i-th value is in the file's row. */
    int source(int i) {
        if (!channelsLast) {
            return i;
        }
        int plane = shape[1] * shape[2];
        return i % plane * shape[0] + i / plane;
    }

    /** How a value is called in problems, such as {@code [0][2]}. */
    String position(int source) {
        var position = new StringBuilder();
        int rest = source;
        for (int axis = from.length - 1; axis >= 0; axis--) {
            position.insert(0, "[" + rest % from[axis] + "]");
            rest /= from[axis];
        }
        return position.toString();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Layout that
                && channelsLast == that.channelsLast
                && Arrays.equals(from, that.from)
                && Arrays.equals(shape, that.shape);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(from);
    }
}
