package io.github.latentdock.autoencoder;

/** The blur between the levels of a Laplacian pyramid (Burt and Adelson 1983). */
final class Pyramid {

    /** The filter's width and height. */
    static final int SIZE = 5;

    private static final float[] BINOMIAL = {1 / 16f, 4 / 16f, 6 / 16f, 4 / 16f, 1 / 16f};

    private Pyramid() {}

    /** The filter {@code [channels, 1, 5, 5]}, the same for every channel. */
    static float[] filter(int channels) {
        float[] filter = new float[channels * SIZE * SIZE];
        for (int i = 0; i < filter.length; i++) {
            filter[i] = BINOMIAL[i / SIZE % SIZE] * BINOMIAL[i % SIZE];
        }
        return filter;
    }

    /** An expression for a blurred picture of the same size; beyond its edges the picture goes on as it ends. */
    static String blur(String picture, int channels) {
        String padded = "torch.replication_pad2d(%s, [%2$d, %2$d, %2$d, %2$d])".formatted(picture, SIZE / 2);
        return "torch.conv2d(%s, blur, None, [1, 1], [0, 0], [1, 1], %d)".formatted(padded, channels);
    }
}
