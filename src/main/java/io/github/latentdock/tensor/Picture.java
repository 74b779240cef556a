package io.github.latentdock.tensor;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** One PNG or JPEG picture, which is one row of shape {@code [1, h, w]} (grey) or {@code [3, h, w]} (RGB). */
final class Picture implements Payload {

    private final WireFormat format;
    private final byte[] bytes;
    private @Nullable PictureFile file;

    Picture(WireFormat format, byte[] bytes) {
        this.format = format;
        this.bytes = bytes;
    }

    @Override
    public Tensor rows(String field, int[] rowShape, ValueRange range, boolean resize) {
        Pixels pixels = decode(field, rowShape, resize);
        int channels = rowShape[0];
        int planeSize = rowShape[1] * rowShape[2];
        float[] values = new float[channels * planeSize];
        for (int channel = 0; channel < channels; channel++) {
            int c = channel;
            float[] plane = plane(pixels, rowShape, y -> pixels.row(y, c, channels));
            for (int i = 0; i < planeSize; i++) {
                values[c * planeSize + i] = range.at(plane[i]);
            }
        }
        return new Tensor(RowCheck.withRows(1, rowShape), values);
    }

    @Override
    public Optional<Tensor> observed(String field, int[] rowShape, boolean resize) {
        Pixels pixels = decode(field, rowShape, resize);
        if (!pixels.hasAlpha()) {
            return Optional.empty();
        }
        float[] plane = resample(pixels, rowShape, pixels::opaque);
        float[] mask = new float[rowShape[0] * plane.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = plane[i % plane.length] >= 0.5f ? 1 : 0;
        }
        return Optional.of(new Tensor(RowCheck.withRows(1, rowShape), mask));
    }

    @Override
    public long unpackedBytes() {
        try {
            return file("body").rasterBytes();
        } catch (Problem e) {
            return 0;
        }
    }

    PictureFile file(String field) {
        if (file == null) {
            file = PictureFile.read(field, format, bytes);
        }
        return file;
    }

    private Pixels decode(String field, int[] rowShape, boolean resize) {
        if (!PictureWriter.isPicture(rowShape)) {
            throw Problem.of(
                    Fault.UNSUPPORTED_CONTENT,
                    field,
                    "%s is a picture, rows of shape %s are needed: send them as JSON, %s or %s"
                            .formatted(field, Arrays.toString(rowShape), ContentTypes.NPY, ContentTypes.RAW));
        }
        PictureFile picture = file(field);
        boolean fits =
                picture.channels() == rowShape[0] && picture.height() == rowShape[1] && picture.width() == rowShape[2];
        if (!fits && !resize) {
            throw Problem.invalid(
                    field,
                    "%s is a picture of %s, model needs %s; with resize=true it is scaled and converted"
                            .formatted(
                                    field,
                                    describe(picture.channels(), picture.height(), picture.width()),
                                    describe(rowShape[0], rowShape[1], rowShape[2])));
        }
        return picture.decode(field);
    }

    private static String describe(int channels, int height, int width) {
        return "%d x %d pixels in %s".formatted(width, height, channels == 1 ? "grey" : "RGB");
    }

    /**
     * A colour plane in the model's size. When it is scaled, pixels that were not observed lend nothing to their
     * neighbours.
     */
    private static float[] plane(Pixels pixels, int[] rowShape, IntFunction<float[]> colour) {
        boolean scaled = pixels.height() != rowShape[1] || pixels.width() != rowShape[2];
        if (!scaled || !pixels.hasAlpha()) {
            return resample(pixels, rowShape, colour);
        }
        float[] share = resample(pixels, rowShape, pixels::opaque);
        float[] plane = resample(pixels, rowShape, y -> product(colour.apply(y), pixels.opaque(y)));
        for (int i = 0; i < plane.length; i++) {
            plane[i] = share[i] == 0 ? 0 : Math.min(1, plane[i] / share[i]);
        }
        return plane;
    }

    private static float[] resample(Pixels pixels, int[] rowShape, IntFunction<float[]> source) {
        return new Resampling(pixels.width(), pixels.height(), rowShape[2], rowShape[1]).apply(pixels.height(), source);
    }

    private static float[] product(float[] row, float[] factors) {
        for (int x = 0; x < row.length; x++) {
            row[x] *= factors[x];
        }
        return row;
    }
}
