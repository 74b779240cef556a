package io.github.latentdock.tensor;

import static io.github.latentdock.tensor.Tensors.assertProblem;
import static io.github.latentdock.tensor.Tensors.floats;
import static io.github.latentdock.tensor.Tensors.shape;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.problem.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RawFloatsTest {

    private static byte[] littleEndian(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    @Property
    void whatWasWrittenIsReadAgainToTheBit(@ForAll("tensors") Tensor tensor) throws IOException {
        var body = new ByteArrayOutputStream();
        WireFormat.RAW.write(tensor, ValueRange.UNIT, body);

        assertThat(Tensors.rows(WireFormat.RAW.payload(body.toByteArray()), tensor))
                .isEqualTo(tensor);
    }

    @Provide
    Arbitrary<Tensor> tensors() {
        return Tensors.any();
    }

    @Test
    void theLengthImpliesTheNumberOfRows() {
        Payload payload = WireFormat.RAW.payload(littleEndian(1, 2, 3, 4, 5, 6));

        assertThat(payload.rows("latents", 2)).isEqualTo(new Tensor(shape(3, 2), floats(1, 2, 3, 4, 5, 6)));
    }

    @Test
    void aLengthBetweenTwoNumbersOfRowsIsRefused() {
        Payload payload = WireFormat.RAW.payload(new byte[100]);

        assertProblem(
                Fault.INVALID,
                "instances has 100 bytes, a row of shape [1, 28, 28] takes 3136 as float32: a multiple of that is needed",
                () -> payload.rows("instances", 1, 28, 28));
    }

    @Test
    void anEmptyBodyIsRefused() {
        Payload payload = WireFormat.RAW.payload(new byte[0]);

        assertProblem(Fault.INVALID, "instances is empty, at least one is needed", () -> payload.rows("instances", 3));
    }

    @Test
    void aValueThatIsNotFiniteIsRefusedWithItsPlace() {
        float[] values = new float[3 * 2 * 4];
        values[1 * 8 + 1 * 4 + 2] = Float.NaN;
        Payload payload = WireFormat.RAW.payload(littleEndian(values));

        assertProblem(
                Fault.INVALID,
                "instances[1][1][2] is NaN, finite numbers are needed",
                () -> payload.rows("instances", 2, 4));
    }

    @Test
    void infinityIsNoBetter() {
        Payload payload = WireFormat.RAW.payload(littleEndian(0, Float.NEGATIVE_INFINITY));

        assertProblem(
                Fault.INVALID,
                "latents[1][0] is -Infinity, finite numbers are needed",
                () -> payload.rows("latents", 1));
    }
}
