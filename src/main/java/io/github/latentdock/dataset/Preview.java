package io.github.latentdock.dataset;

import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import io.github.latentdock.tensor.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * A picture that shows what a dataset is like: its first images in a grid, or its first rows as lines. What is missing is hatched in
 * images, and a gap in lines.
 */
final class Preview {

    private static final int MAX_IMAGES = 64;
    private static final int COLUMNS = 8;

    /** Fewer images are shown when they are large. */
    private static final int MAX_VALUES = 1 << 22;

    private Preview() {}

    /** A PNG. */
    static byte[] of(Dataset dataset, DatasetReader reader) {
        var png = new ByteArrayOutputStream();
        try {
            if (isImage(dataset.shape())) {
                write(images(dataset, reader), range(dataset), reader.hasMask(), png);
            } else {
                WireFormat.PNG.write(lines(dataset, reader), ValueRange.UNIT, png);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return png.toByteArray();
    }

    private static void write(Tensor images, ValueRange range, boolean hasMask, OutputStream png) throws IOException {
        if (hasMask) {
            WireFormat.PNG.write(Hatching.of(images, range), ValueRange.UNIT, COLUMNS, png);
        } else {
            WireFormat.PNG.write(images, range, COLUMNS, png);
        }
    }

    private static boolean isImage(int[] shape) {
        return shape.length == 3 && (shape[0] == 1 || shape[0] == 3);
    }

    private static Tensor images(Dataset dataset, DatasetReader reader) {
        int size = dataset.size();
        int drawn = reader.hasMask() ? size / dataset.shape()[0] * Hatching.CHANNELS : size;
        int count = Math.min(Math.min(MAX_IMAGES, reader.count()), Math.max(1, MAX_VALUES / drawn));
        float[] values = new float[count * size];
        for (int row = 0; row < count; row++) {
            read(reader, row, size, values, row * size);
        }
        int[] shape = dataset.shape();
        return new Tensor(new int[] {count, shape[0], shape[1], shape[2]}, values);
    }

    private static Tensor lines(Dataset dataset, DatasetReader reader) {
        float[][] rows = new float[Math.min(LinePlot.MAX_ROWS, reader.count())][dataset.size()];
        for (int row = 0; row < rows.length; row++) {
            read(reader, row, dataset.size(), rows[row], 0);
        }
        return LinePlot.of(rows, range(dataset));
    }

    /** An example with NaN for what is missing. */
    private static void read(DatasetReader reader, int row, int size, float[] into, int offset) {
        reader.values(row, into, offset);
        if (reader.hasMask()) {
            float[] observed = new float[size];
            reader.mask(row, observed, 0);
            for (int i = 0; i < size; i++) {
                if (observed[i] == 0) {
                    into[offset + i] = Float.NaN;
                }
            }
        }
    }

    /** All there is between the least and the greatest, unless that is known to be less than what can be. */
    private static ValueRange range(Dataset dataset) {
        if (dataset.range() != null) {
            return dataset.range();
        }
        float min = (float) dataset.statistics().min();
        float max = (float) dataset.statistics().max();
        return Float.isFinite(max - min) && max > min ? new ValueRange(min, max) : ValueRange.UNIT;
    }
}
