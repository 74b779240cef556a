package io.github.latentdock.tensor;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * The pixels of a decoded picture as numbers of [0, 1]: what is stored, divided by the largest number that could be.
 * They are taken from the raster, because Java's colour conversions would apply a gamma curve to grey pictures.
 */
final class Pixels {

    /** ITU-R BT.601, as nearly everybody turns RGB to grey. */
    private static final float[] LUMA = {0.299f, 0.587f, 0.114f};

    private final BufferedImage image;
    private final int channels;

    Pixels(BufferedImage image, int channels) {
        this.image = image;
        this.channels = channels;
    }

    int width() {
        return image.getWidth();
    }

    int height() {
        return image.getHeight();
    }

    int channels() {
        return channels;
    }

    boolean hasAlpha() {
        return image.getColorModel().hasAlpha();
    }

    /** Row {@code y} of a colour channel, of a picture of one (grey) or three (RGB) channels. */
    float[] row(int y, int channel, int ofChannels) {
        if (channels == ofChannels) {
            return stored(y, channel);
        }
        if (channels == 1) {
            return stored(y, 0);
        }
        float[] grey = new float[width()];
        for (int c = 0; c < LUMA.length; c++) {
            float[] colour = stored(y, c);
            for (int x = 0; x < grey.length; x++) {
                grey[x] += LUMA[c] * colour[x];
            }
        }
        return grey;
    }

    /** 1 where the alpha of a pixel of row {@code y} is a half or more, 0 elsewhere. */
    float[] opaque(int y) {
        float[] alpha = stored(y, image.getColorModel().getNumComponents() - 1);
        for (int x = 0; x < alpha.length; x++) {
            alpha[x] = alpha[x] >= 0.5f ? 1 : 0;
        }
        return alpha;
    }

    private float[] stored(int y, int component) {
        Raster raster = image.getRaster();
        boolean palette = image.getColorModel() instanceof IndexColorModel;
        int band = palette ? 0 : component;
        float[] row = raster.getSamples(0, y, width(), 1, band, new float[width()]);
        if (image.getColorModel() instanceof IndexColorModel colours) {
            for (int x = 0; x < row.length; x++) {
                row[x] = component(colours.getRGB((int) row[x]), component) / 255f;
            }
        } else {
            float largest = (1 << raster.getSampleModel().getSampleSize(band)) - 1;
            for (int x = 0; x < row.length; x++) {
                row[x] /= largest;
            }
        }
        return row;
    }

    /** Red, green, blue or alpha of a colour of a palette. */
    private static int component(int argb, int component) {
        return switch (component) {
            case 0 -> argb >> 16 & 0xff;
            case 1 -> argb >> 8 & 0xff;
            case 2 -> argb & 0xff;
            default -> argb >>> 24;
        };
    }
}
