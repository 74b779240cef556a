package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Kind;

/** How many codes of its training's examples stay with a version. */
final class KeptCodes {

    /** Of a model with an encoder, which can make any others. */
    private static final int MOST = 4096;

    /** Of codes that nobody asked for. */
    private static final long MOST_BYTES = 64 << 20;

    private KeptCodes() {}

    /**
     * As many as the plan says, else all of an auto-decoder's, else a few.
     *
     * @param latentSize values of a code
     * @param all how many there could be
     */
    static long count(Plan plan, long latentSize, long all) {
        Integer keep = plan.keepCodes();
        if (keep != null) {
            return Math.min(keep, all);
        }
        return plan.objective().kind() == Kind.AD
                ? all
                : Math.min(all, Math.clamp(MOST_BYTES / (Float.BYTES * latentSize), 1, MOST));
    }
}
