package io.github.latentdock.inference;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/**
 * The native engine, set up for serving: nothing is downloaded or reported, and every lane is one thread. (Two intra-op threads
 * per lane on two busy cores made a measured loop twenty times slower.) System properties that are set already stay.
 */
final class PyTorch {

    private static final Map<String, String> DEFAULTS = Map.of(
            "ai.djl.offline", "true",
            "OPT_OUT_TRACKING", "true",
            "ai.djl.pytorch.num_threads", "1",
            "ai.djl.pytorch.num_interop_threads", "1");

    private PyTorch() {}

    /** Loads the native libraries, which takes about a second the first time. */
    static Engine engine() {
        DEFAULTS.forEach((property, value) -> {
            if (System.getProperty(property) == null) {
                System.setProperty(property, value);
            }
        });
        return Engine.getEngine("PyTorch");
    }

    static NDManager manager() {
        return engine().newBaseManager();
    }
}
