package io.github.latentdock.registry;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a version's weights are kept. */
public enum Format {
    /** {@code weights.safetensors}, and the network as the manifest declares it. */
    SAFETENSORS,
    /** {@code model.pt}, or {@code decoder.pt} and, unless it is an auto-decoder, {@code encoder.pt}. */
    TORCHSCRIPT;

    /** Its name in a manifest. */
    @JsonValue
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
