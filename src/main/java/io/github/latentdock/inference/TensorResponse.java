package io.github.latentdock.inference;

import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;

/** A record that can be answered in another format than JSON: then only its most important tensor is. */
interface TensorResponse {

    Tensor tensor();

    /** Which values are black and white in a picture of the tensor. */
    ValueRange range();

    /** How many pictures stand beside each other where several are tiled; about as many as stand below each other. */
    default int columns() {
        return (int) Math.ceil(Math.sqrt(tensor().rows()));
    }
}
