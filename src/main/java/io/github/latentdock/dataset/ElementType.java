package io.github.latentdock.dataset;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What the numbers of a dataset are kept as. */
public enum ElementType {
    /** Bytes from 0 to 255, which stand for [0, 1]. */
    @JsonProperty("uint8")
    UINT8(1),
    /** Little-endian, taken as they are. */
    @JsonProperty("float32")
    FLOAT32(4);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    int bytes() {
        return bytes;
    }
}
