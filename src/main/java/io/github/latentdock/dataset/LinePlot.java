package io.github.latentdock.dataset;

import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import java.util.Arrays;

/** Rows of numbers as coloured lines on white ground: their values from left to right, with gaps where values are missing. */
final class LinePlot {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 240;
    private static final int MARGIN = 8;

    /** From a value without neighbours to either end of the dash that stands for it. */
    private static final int DASH = 2;

    private static final int[] COLOURS = {
        Colour.BLUE, Colour.VERMILION, Colour.GREEN, Colour.PURPLE, Colour.LIGHT_BLUE, Colour.ORANGE
    };

    /** One line for each colour. */
    static final int MAX_ROWS = COLOURS.length;

    private final float[] pixels = new float[3 * HEIGHT * WIDTH];
    private final ValueRange range;

    private LinePlot(ValueRange range) {
        this.range = range;
        Arrays.fill(pixels, 1);
    }

    /**
     * @param rows at most {@link #MAX_ROWS}; NaN is missing
     * @param range what is drawn at the bottom and at the top
     * @return {@code [1, 3, height, width]}
     */
    static Tensor of(float[][] rows, ValueRange range) {
        var plot = new LinePlot(range);
        for (int i = 0; i < rows.length; i++) {
            plot.draw(rows[i], COLOURS[i]);
        }
        return new Tensor(new int[] {1, 3, HEIGHT, WIDTH}, plot.pixels);
    }

    private void draw(float[] row, int colour) {
        int columns = WIDTH - 2 * MARGIN;
        double step = (row.length - 1) / (columns - 1.0);
        float before = Float.NaN;
        for (int x = 0; x < columns; x++) {
            float value = value(row, x * step, DASH * step);
            if (!Float.isNaN(value)) {
                int y = y(value);
                int from = Float.isNaN(before) ? y : y(before);
                for (int between = Math.min(from, y); between <= Math.max(from, y); between++) {
                    put(x + MARGIN, between, colour);
                }
            }
            before = value;
        }
    }

    /** The value on the line between two neighbours; beside a missing one that of the other, as far as its dash goes. */
    private static float value(float[] row, double at, double dash) {
        int left = Math.min((int) at, row.length - 1);
        int right = Math.min(left + 1, row.length - 1);
        double share = at - left;
        float between = (float) (row[left] + share * (row[right] - row[left]));
        if (!Float.isNaN(between)) {
            return between;
        }
        return Math.min(share, 1 - share) > dash ? Float.NaN : row[share < 0.5 ? left : right];
    }

    private int y(float value) {
        return HEIGHT - 1 - MARGIN - Math.round(range.share(value) * (HEIGHT - 1 - 2 * MARGIN));
    }

    private void put(int x, int y, int colour) {
        for (int channel = 0; channel < 3; channel++) {
            pixels[(channel * HEIGHT + y) * WIDTH + x] = Colour.part(colour, channel);
        }
    }
}
