package io.github.latentdock.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Tensors to test with, and what is expected of problems. */
final class Tensors {

    private Tensors() {}

    static int[] shape(int... dimensions) {
        return dimensions;
    }

    static float[] floats(float... values) {
        return values;
    }

    static Tensor filled(IntToDoubleFunction value, int... shape) {
        float[] values = new float[(int) Tensor.size(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) value.applyAsDouble(i);
        }
        return new Tensor(shape, values);
    }

    /**
     * One to four dimensions of one to five entries; any finite values, the extremes and both zeros often among them.
     */
    static Arbitrary<Tensor> any() {
        Arbitrary<int[]> shapes = Arbitraries.integers()
                .between(1, 5)
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(4);
        return shapes.flatMap(shape -> anyFloat()
                .array(float[].class)
                .ofSize((int) Tensor.size(shape))
                .map(values -> new Tensor(shape, values)));
    }

    /** Every bit pattern that is a finite number is about as likely as any other. */
    static Arbitrary<Float> anyFloat() {
        Arbitrary<Float> bits = Arbitraries.integers()
                .between(Integer.MIN_VALUE, Integer.MAX_VALUE)
                .withDistribution(net.jqwik.api.RandomDistribution.uniform())
                .map(Float::intBitsToFloat)
                .filter(Float::isFinite);
        Arbitrary<Float> special = Arbitraries.of(
                0f, -0f, 1f, Float.MIN_VALUE, -Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE, 0.1f, 1 / 255f);
        return Arbitraries.oneOf(bits, special);
    }

    /** Pictures of whole numbers of 255th: {@code [1, channels, h, w]}. */
    static Arbitrary<Tensor> anyPicture(int channels) {
        Arbitrary<Integer> side = Arbitraries.integers().between(1, 12);
        return Combinators.combine(side, side)
                .flatAs((height, width) -> Arbitraries.integers()
                        .between(0, 255)
                        .array(int[].class)
                        .ofSize(channels * height * width)
                        .map(samples -> filled(i -> samples[i] / 255f, 1, channels, height, width)));
    }

    static void assertProblem(Fault fault, String detail, ThrowingCallable call) {
        Problem problem = catchThrowableOfType(Problem.class, call);
        assertThat(problem).as("problem").isNotNull();
        assertThat(problem.detail()).isEqualTo(detail);
        assertThat(problem.fault()).isEqualTo(fault);
    }

    /** The rows that a payload gives for its own shape. */
    static Tensor rows(Payload payload, Tensor like) {
        return payload.rows("instances", like.rowShape());
    }

    static float[] row(Tensor tensor, int row) {
        int size = tensor.rowSize();
        return Arrays.copyOfRange(tensor.values(), row * size, (row + 1) * size);
    }
}
