package io.github.latentdock.tensor;

import java.util.Arrays;

/**
 * A dense array of float32 values in row-major order, whose first dimension counts rows: {@code [n, …]}. The values are not
 * copied; whoever makes a tensor hands them over.
 */
public final class Tensor {

    private final int[] shape;
    private final float[] values;

    /** @throws IllegalArgumentException when the shape does not hold as many values as are given */
    public Tensor(int[] shape, float[] values) {
        if (size(shape) != values.length) {
            throw new IllegalArgumentException(
                    "shape %s does not hold %d values".formatted(Arrays.toString(shape), values.length));
        }
        this.shape = shape.clone();
        this.values = values;
    }

    public int[] shape() {
        return shape.clone();
    }

    /** The values themselves, not a copy. */
    public float[] values() {
        return values;
    }

    public int rows() {
        return shape.length == 0 ? 0 : shape[0];
    }

    /** The shape of one row: all dimensions but the first. */
    public int[] rowShape() {
        return Arrays.copyOfRange(shape, Math.min(1, shape.length), shape.length);
    }

    /** The number of values in one row. */
    public int rowSize() {
        return (int) size(rowShape());
    }

    /** The number of values that a shape holds. */
    public static long size(int... shape) {
        long size = 1;
        for (int dimension : shape) {
            size = Math.multiplyExact(size, dimension);
        }
        return size;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor that && Arrays.equals(shape, that.shape) && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "Tensor" + Arrays.toString(shape);
    }
}
