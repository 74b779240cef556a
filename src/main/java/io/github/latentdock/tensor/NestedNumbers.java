package io.github.latentdock.tensor;

/** Numbers of nested JSON arrays, of which all arrays of one depth have the same length. */
final class NestedNumbers implements Payload {

    private final int[] shape;
    private final float[] values;

    NestedNumbers(int[] shape, float[] values) {
        this.shape = shape;
        this.values = values;
    }

    @Override
    public Tensor rows(String field, int[] rowShape, ValueRange range, boolean resize) {
        return RowCheck.check(field, shape, values, rowShape);
    }
}
