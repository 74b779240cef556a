package io.github.latentdock.dataset;

import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import io.github.latentdock.tensor.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A picture that shows what a dataset is like: its first images in a grid, or its first rows as lines. */
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
                WireFormat.PNG.write(images(dataset, reader), range(dataset), COLUMNS, png);
            } else {
                WireFormat.PNG.write(lines(dataset, reader), ValueRange.UNIT, png);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return png.toByteArray();
    }

    private static boolean isImage(int[] shape) {
        return shape.length == 3 && (shape[0] == 1 || shape[0] == 3);
    }

    private static Tensor images(Dataset dataset, DatasetReader reader) {
        int size = dataset.size();
        int count = Math.min(Math.min(MAX_IMAGES, reader.count()), Math.max(1, MAX_VALUES / size));
        float[] values = new float[count * size];
        for (int row = 0; row < count; row++) {
            reader.values(row, values, row * size);
        }
        int[] shape = dataset.shape();
        return new Tensor(new int[] {count, shape[0], shape[1], shape[2]}, values);
    }

    private static Tensor lines(Dataset dataset, DatasetReader reader) {
        float[][] rows = new float[Math.min(LinePlot.MAX_ROWS, reader.count())][dataset.size()];
        for (int row = 0; row < rows.length; row++) {
            reader.values(row, rows[row], 0);
        }
        return LinePlot.of(rows, range(dataset));
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
