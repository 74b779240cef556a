package io.github.latentdock.dataset;

import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;

/** Pictures in colour, grey ones too, in which a hatch of two blues stands for what is missing: no grey value looks like it. */
final class Hatching {

    /** Of what is drawn. */
    static final int CHANNELS = 3;

    private static final int[] STRIPES = {Colour.BLUE, Colour.LIGHT_BLUE};

    /** In pixels. */
    private static final int STRIPE = 2;

    private Hatching() {}

    /**
     * @param pictures {@code [n, 1 or 3, height, width]}; NaN is missing, and hides all channels of its pixel
     * @param range what is drawn dark and bright
     * @return {@code [n, 3, height, width]} of [0, 1]
     */
    static Tensor of(Tensor pictures, ValueRange range) {
        int[] shape = pictures.shape();
        int channels = shape[1];
        int width = shape[3];
        int plane = shape[2] * width;
        float[] from = pictures.values();
        float[] drawn = new float[shape[0] * CHANNELS * plane];
        for (int row = 0; row < shape[0]; row++) {
            for (int i = 0; i < plane; i++) {
                int first = row * channels * plane + i;
                boolean missing = isMissing(from, first, plane, channels);
                int stripe = STRIPES[(i / width + i % width) / STRIPE % STRIPES.length];
                for (int channel = 0; channel < CHANNELS; channel++) {
                    drawn[(row * CHANNELS + channel) * plane + i] = missing
                            ? Colour.part(stripe, channel)
                            : range.share(from[first + Math.min(channel, channels - 1) * plane]);
                }
            }
        }
        return new Tensor(new int[] {shape[0], CHANNELS, shape[2], width}, drawn);
    }

    private static boolean isMissing(float[] values, int first, int plane, int channels) {
        for (int channel = 0; channel < channels; channel++) {
            if (Float.isNaN(values[first + channel * plane])) {
                return true;
            }
        }
        return false;
    }
}
