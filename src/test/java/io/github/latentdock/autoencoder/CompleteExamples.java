package io.github.latentdock.autoencoder;

/** Examples of which nothing is missing, and that belong to no groups. */
interface CompleteExamples extends Examples {

    @Override
    default boolean hasMask() {
        return false;
    }

    @Override
    default void mask(int row, float[] into, int offset) {
        throw new IllegalStateException("nothing is missing");
    }

    @Override
    default boolean hasGroups() {
        return false;
    }

    @Override
    default int group(int row) {
        throw new IllegalStateException("there are no groups");
    }
}
