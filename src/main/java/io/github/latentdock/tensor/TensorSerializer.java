package io.github.latentdock.tensor;

import org.springframework.boot.jackson.JacksonComponent;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;

/**
 * Writes a tensor as nested arrays, each value as the shortest decimal from which the same float is read again. JSON
 * has no NaN and no infinity; both become {@code null}.
 */
@JacksonComponent
final class TensorSerializer extends ValueSerializer<Tensor> {

    @Override
    public void serialize(Tensor tensor, JsonGenerator json, SerializationContext context) {
        write(tensor.shape(), 0, tensor.values(), 0, json);
    }

    /** @return where the next values start */
    private static int write(int[] shape, int axis, float[] values, int start, JsonGenerator json) {
        int position = start;
        if (axis == shape.length) {
            number(values[position++], json);
            return position;
        }
        json.writeStartArray(values, shape[axis]);
        for (int i = 0; i < shape[axis]; i++) {
            position = write(shape, axis + 1, values, position, json);
        }
        json.writeEndArray();
        return position;
    }

    private static void number(float value, JsonGenerator json) {
        if (Float.isFinite(value)) {
            json.writeNumber(value);
        } else {
            json.writeNull();
        }
    }
}
