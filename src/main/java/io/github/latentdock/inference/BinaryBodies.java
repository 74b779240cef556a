package io.github.latentdock.inference;

import io.github.latentdock.tensor.ContentTypes;
import io.swagger.v3.oas.models.media.BinarySchema;
import io.swagger.v3.oas.models.media.Schema;

/** Describes bodies that hold one tensor and nothing else. */
final class BinaryBodies {

    private BinaryBodies() {}

    /** The rows that a request consists of. */
    static Schema<?> in(String contentType) {
        return new BinarySchema()
                .description(
                        switch (contentType) {
                            case ContentTypes.RAW ->
                                "Little-endian float32 without a header, row-major; as many rows as its length gives";
                            case ContentTypes.NPY -> "An array of NumPy, `[n, …]`, of integers or floats";
                            default ->
                                "One picture, which is one row; the model's input must be `[1, h, w]` or `[3, h, w]`";
                        });
    }

    /** The most important tensor of an answer. */
    static Schema<?> out(String contentType) {
        return new BinarySchema()
                .description(
                        switch (contentType) {
                            case ContentTypes.RAW -> "Little-endian float32 without a header, row-major";
                            case ContentTypes.NPY -> "An array of NumPy, `[n, …]`, of float32";
                            default ->
                                "One picture; several rows are tiled in it. Rows must be `[1, h, w]` or `[3, h, w]`";
                        });
    }
}
