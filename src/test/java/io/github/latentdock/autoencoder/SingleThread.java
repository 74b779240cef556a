package io.github.latentdock.autoencoder;

/** Makes PyTorch compute on the thread that calls it, in tests that run it. To be called before the first array is made. */
final class SingleThread {

    private SingleThread() {}

    static void use() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    }
}
