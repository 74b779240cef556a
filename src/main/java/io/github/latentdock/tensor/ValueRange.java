package io.github.latentdock.tensor;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/** The closed interval in which a model's inputs lie; black and white of a picture are its two ends. In JSON {@code [low, high]}. */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"low", "high"})
public record ValueRange(float low, float high) {

    /** {@code [0, 1]} */
    public static final ValueRange UNIT = new ValueRange(0, 1);

    /** @throws IllegalArgumentException unless both ends are finite and {@code low < high} */
    public ValueRange {
        if (!(low < high) || !Float.isFinite(high - low)) {
            throw new IllegalArgumentException("[%s, %s] is not a range of values".formatted(low, high));
        }
    }

    /** The value that lies at {@code unit}, 0 being the low end and 1 the high one. */
    float at(float unit) {
        return low + unit * (high - low);
    }

    /** Where a value lies, 0 being the low end and 1 the high one; values outside the range are clipped to it, NaN to its low end. */
    public float share(float value) {
        float unit = (value - low) / (high - low);
        return Math.clamp(Float.isNaN(unit) ? 0 : unit, 0f, 1f);
    }

    /** The same in 0 to 255. */
    int toByte(float value) {
        return Math.round(share(value) * 255);
    }
}
