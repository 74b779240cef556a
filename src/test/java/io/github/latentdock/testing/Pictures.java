package io.github.latentdock.testing;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** Pictures that tests send and get. */
public final class Pictures {

    private Pictures() {}

    /** A grey PNG; values in [0, 1]. */
    public static byte[] grey(float[] values, int width, int height) {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < values.length; i++) {
            image.getRaster().setSample(i % width, i / width, 0, Math.round(values[i] * 255));
        }
        return png(image);
    }

    /** A PNG in which every hidden pixel is transparent black. */
    public static byte[] greyWithAlpha(float[] values, float[] observed, int width, int height) {
        var greyAndAlpha = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_GRAY),
                true,
                false,
                Transparency.TRANSLUCENT,
                DataBuffer.TYPE_BYTE);
        WritableRaster raster = greyAndAlpha.createCompatibleWritableRaster(width, height);
        for (int i = 0; i < values.length; i++) {
            boolean shown = observed[i] == 1;
            raster.setSample(i % width, i / width, 0, shown ? Math.round(values[i] * 255) : 0);
            raster.setSample(i % width, i / width, 1, shown ? 255 : 0);
        }
        return png(new BufferedImage(greyAndAlpha, raster, false, null));
    }

    /** The values of a grey PNG, in [0, 1]. */
    public static float[] grey(byte[] png) {
        BufferedImage image = image(png);
        float[] values = new float[image.getWidth() * image.getHeight()];
        for (int i = 0; i < values.length; i++) {
            values[i] = image.getRaster().getSample(i % image.getWidth(), i / image.getWidth(), 0) / 255f;
        }
        return values;
    }

    public static BufferedImage image(byte[] bytes) {
        try {
            return ImageIO.read(new ByteArrayInputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] png(BufferedImage image) {
        try {
            var out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
