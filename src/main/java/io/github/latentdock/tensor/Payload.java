package io.github.latentdock.tensor;

import java.util.Optional;

/**
 * Rows of numbers as a client sent them, before it is known which shape the model wants: nested JSON arrays, raw
 * float32, .npy or a picture. Jackson reads one from a JSON array wherever a record has a component of this type;
 * {@link WireFormat#payload} makes one from a body of another content type. What is wrong with a body of bytes is told
 * by {@link #rows}, which knows the field.
 *
 * <p>A component that is missing or {@code null} in the JSON is {@code null} in the record.
 */
public sealed interface Payload permits NestedNumbers, RawFloats, NpyFile, Picture {

    /**
     * The rows, checked: as many as were sent, at least one, each of the shape asked for and without NaN or infinity.
     * The values may be shared with this payload.
     *
     * @param field the name that problems give to what was sent, such as {@code instances}
     * @param rowShape the shape of one row, without the dimension that counts rows
     * @param range black and white of a picture become its ends; everything else is taken as it is
     * @param resize whether a picture of another size or colour is scaled and converted instead of refused
     * @return {@code [n, …rowShape]}
     * @throws io.github.latentdock.problem.Problem {@code MALFORMED} when the bytes cannot be read, {@code INVALID}
     *     when they hold something else than the model needs, {@code UNSUPPORTED_CONTENT} for a picture where rows are
     *     no pictures, {@code TOO_LARGE} for a picture of too many pixels
     */
    Tensor rows(String field, int[] rowShape, ValueRange range, boolean resize);

    /** The rows of something that has no range of values, such as latents or a mask. */
    default Tensor rows(String field, int... rowShape) {
        return rows(field, rowShape, ValueRange.UNIT, false);
    }

    /**
     * How many bytes {@link #rows} needs beside those that were sent, as far as a header tells without unpacking anything; 0 where
     * nothing is unpacked, or nothing can be, which {@link #rows} then says.
     */
    default long unpackedBytes() {
        return 0;
    }

    /**
     * The mask that came along with the values: a picture's alpha channel, 1 where a pixel was observed (alpha of a
     * half or more) and 0 elsewhere, the same for every colour channel. Empty when nothing of the kind was sent.
     *
     * @return {@code [1, …rowShape]}
     * @throws io.github.latentdock.problem.Problem as {@link #rows} does
     */
    default Optional<Tensor> observed(String field, int[] rowShape, boolean resize) {
        return Optional.empty();
    }
}
