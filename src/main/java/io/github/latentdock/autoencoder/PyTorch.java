package io.github.latentdock.autoencoder;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/**
 * The native engine, set up for a service: nothing is downloaded or reported, and whoever asks for work is its one thread. (Two intra-op threads
 * per lane on two busy cores made a measured loop twenty times slower.) System properties that are set already stay. To be
 * asked for before anything else that is native.
 */
public final class PyTorch {

    private static final Map<String, String> DEFAULTS = Map.of(
            "ai.djl.offline", "true",
            "OPT_OUT_TRACKING", "true",
            "ai.djl.pytorch.num_threads", "1",
            "ai.djl.pytorch.num_interop_threads", "1");

    private PyTorch() {}

    /** Loads the native libraries, which takes about a second the first time. */
    public static Engine engine() {
        DEFAULTS.forEach((property, value) -> {
            if (System.getProperty(property) == null) {
                System.setProperty(property, value);
            }
        });
        return Engine.getEngine("PyTorch");
    }

    /** A manager of its own, which its owner closes. */
    public static NDManager manager() {
        return engine().newBaseManager();
    }
}
