package io.github.latentdock.tensor;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Draws rows of shape {@code [1, h, w]} (grey) or {@code [3, h, w]} (RGB), several of them in a grid on black ground.
 */
final class PictureWriter {

    private static final int PADDING = 2;

    private static final float JPEG_QUALITY = 0.95f;

    /** What a JPEG encoder can make. */
    private static final int MAX_SIDE = 65_500;

    private PictureWriter() {}

    static boolean isPicture(int[] rowShape) {
        return rowShape.length == 3 && (rowShape[0] == 1 || rowShape[0] == 3) && Tensor.size(rowShape) > 0;
    }

    static void requirePicture(WireFormat format, int[] rowShape) {
        if (!isPicture(rowShape)) {
            throw Problem.of(
                    Fault.NOT_ACCEPTABLE,
                    "rows of shape %s cannot be drawn as %s, which takes [1, h, w] or [3, h, w]: accept %s, %s or %s"
                            .formatted(
                                    Arrays.toString(rowShape),
                                    format.contentType(),
                                    "application/json",
                                    ContentTypes.NPY,
                                    ContentTypes.RAW));
        }
    }

    static void write(WireFormat format, Tensor tensor, ValueRange range, int columns, OutputStream out)
            throws IOException {
        requirePicture(format, tensor.rowShape());
        if (columns < 1) {
            throw Problem.invalid("columns", "columns is %d, at least 1 is needed".formatted(columns));
        }
        BufferedImage image = draw(tensor, range, Math.min(columns, tensor.rows()));
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format.name()).next();
        try (var target = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(target);
            ImageWriteParam settings = writer.getDefaultWriteParam();
            if (format == WireFormat.JPEG) {
                settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                settings.setCompressionQuality(JPEG_QUALITY);
            }
            writer.write(null, new IIOImage(image, null, null), settings);
        } finally {
            writer.dispose();
        }
    }

    private static BufferedImage draw(Tensor tensor, ValueRange range, int columns) {
        int[] shape = tensor.rowShape();
        int lines = Math.ceilDiv(tensor.rows(), columns);
        long width = extent(columns, shape[2]);
        long height = extent(lines, shape[1]);
        if (Math.max(width, height) > MAX_SIDE) {
            throw Problem.of(
                    Fault.NOT_ACCEPTABLE,
                    "a grid of %d x %d pictures has a side of more than %d pixels: ask for fewer rows or more columns"
                            .formatted(columns, lines, MAX_SIDE));
        }
        int type = shape[0] == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
        var image = new BufferedImage((int) width, (int) height, type);
        for (int row = 0; row < tensor.rows(); row++) {
            int left = row % columns * (shape[2] + PADDING);
            int top = row / columns * (shape[1] + PADDING);
            draw(tensor, row, range, image.getRaster(), left, top);
        }
        return image;
    }

    /** So many tiles with padding between them. */
    private static long extent(int tiles, int size) {
        return (long) tiles * (size + PADDING) - PADDING;
    }

    private static void draw(Tensor tensor, int row, ValueRange range, WritableRaster raster, int left, int top) {
        int[] shape = tensor.rowShape();
        int planeSize = shape[1] * shape[2];
        int[] samples = new int[planeSize];
        for (int channel = 0; channel < shape[0]; channel++) {
            int start = row * tensor.rowSize() + channel * planeSize;
            for (int i = 0; i < planeSize; i++) {
                samples[i] = range.toByte(tensor.values()[start + i]);
            }
            raster.setSamples(left, top, shape[2], shape[1], channel, samples);
        }
    }
}
