package io.github.latentdock.inference;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Where randomness comes from. */
final class Seeds {

    /** The largest integer that JavaScript, and so every JSON client, reads back exactly. */
    private static final long MOST = (1L << 53) - 1;

    private Seeds() {}

    /** The seed that was asked for, or a new one. */
    static long orRandom(@Nullable Long seed) {
        return seed == null ? ThreadLocalRandom.current().nextLong(MOST) : seed;
    }
}
