package io.github.latentdock.autoencoder;

/** Height and width of something. */
record Pair(int height, int width) {

    boolean is(int value) {
        return height == value && width == value;
    }

    @Override
    public String toString() {
        return "[%d, %d]".formatted(height, width);
    }
}
