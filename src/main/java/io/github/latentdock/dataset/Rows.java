package io.github.latentdock.dataset;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The examples of a file, one after the other; the file is never in memory as a whole. */
interface Rows extends Closeable {

    /** Of one example, as the file has it. */
    int[] shape();

    /** Whether all numbers are unsigned bytes. */
    boolean isBytes();

    /** How many there are; -1 when only the end tells. */
    default long count() {
        return -1;
    }

    /**
     * Reads the next example.
     *
     * @param values one example long
     * @return false at the end, where the file was found to be whole
     */
    boolean next(double[] values) throws IOException;

    /** Whether the file also tells to which class each example belongs. */
    default boolean hasLabels() {
        return false;
    }

    /** Whether labels are names, also where some of them look like numbers. */
    default boolean labelsAreNames() {
        return false;
    }

    default boolean hasGroups() {
        return false;
    }

    /** Of the example that was read last; null when the file tells none. */
    default @Nullable String label() {
        return null;
    }

    default @Nullable String group() {
        return null;
    }

    /** The line of the example that was read last; 0 where a file has no lines. */
    default int line() {
        return 0;
    }

    /** What stands in place of a value of the example that was read last, which is NaN: {@code is NaN}, or what else it is and where. */
    default String nan(int value) {
        return "is NaN";
    }
}
