package io.github.latentdock.tensor;

import io.github.latentdock.problem.Problem;
import java.util.Arrays;

/** What all payloads must fulfil: at least one row, each of the shape needed, every value finite. */
final class RowCheck {

    private RowCheck() {}

    /** @param shape of all that was sent, the first dimension counting the rows */
    static Tensor check(String field, int[] shape, float[] values, int[] rowShape) {
        if (shape.length == 0) {
            throw Problem.invalid(field, "%s is a single number, a list of rows is needed".formatted(field));
        }
        if (shape[0] == 0) {
            throw empty(field);
        }
        if (Arrays.equals(shape, rowShape)) {
            throw Problem.invalid(
                    field,
                    "%s is one row of shape %s; a list of rows is needed, also for a single one: shape %s"
                            .formatted(field, Arrays.toString(shape), Arrays.toString(withRows(1, rowShape))));
        }
        int[] given = Arrays.copyOfRange(shape, 1, shape.length);
        if (!Arrays.equals(given, rowShape)) {
            throw Problem.invalid(
                    field + "[0]",
                    "%s[0] has shape %s, model needs %s"
                            .formatted(field, Arrays.toString(given), Arrays.toString(rowShape)));
        }
        finite(field, values, rowShape);
        return new Tensor(shape, values);
    }

    static Problem empty(String field) {
        return Problem.invalid(field, "%s is empty, at least one is needed".formatted(field));
    }

    static int[] withRows(int rows, int[] rowShape) {
        int[] shape = new int[rowShape.length + 1];
        shape[0] = rows;
        System.arraycopy(rowShape, 0, shape, 1, rowShape.length);
        return shape;
    }

    private static void finite(String field, float[] values, int[] rowShape) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                String position = field + position(i, rowShape);
                throw Problem.invalid(position, "%s is %s, finite numbers are needed".formatted(position, values[i]));
            }
        }
    }

    /** Where the i-th value is, as in {@code [2][0][13][5]}. */
    private static String position(int i, int[] rowShape) {
        String position = "";
        int rest = i;
        for (int axis = rowShape.length - 1; axis >= 0; axis--) {
            position = "[" + rest % rowShape[axis] + "]" + position;
            rest /= rowShape[axis];
        }
        return "[" + rest + "]" + position;
    }
}
