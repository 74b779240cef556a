package io.github.latentdock.dataset;

import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import java.util.Arrays;

/** Rows of numbers as coloured lines on white ground: their values from left to right. */
final class LinePlot {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 240;
    private static final int MARGIN = 8;

    /** Told apart also by who cannot tell red from green: Okabe and Ito's, without yellow. */
    private static final int[] COLOURS = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0x56b4e9, 0xe69f00};

    /** One line for each colour. */
    static final int MAX_ROWS = COLOURS.length;

    private final float[] pixels = new float[3 * HEIGHT * WIDTH];
    private final ValueRange range;

    private LinePlot(ValueRange range) {
        this.range = range;
        Arrays.fill(pixels, 1);
    }

    /**
     * @param rows at most {@link #MAX_ROWS}
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
        int before = y(row[0]);
        for (int x = 0; x < WIDTH - 2 * MARGIN; x++) {
            double at = (double) x / (WIDTH - 2 * MARGIN - 1) * (row.length - 1);
            int left = (int) at;
            int right = Math.min(left + 1, row.length - 1);
            int y = y((float) (row[left] + (at - left) * (row[right] - row[left])));
            for (int between = Math.min(before, y); between <= Math.max(before, y); between++) {
                put(x + MARGIN, between, colour);
            }
            before = y;
        }
    }

    private int y(float value) {
        float share = (value - range.low()) / (range.high() - range.low());
        return HEIGHT - 1 - MARGIN - Math.round(Math.clamp(share, 0f, 1f) * (HEIGHT - 1 - 2 * MARGIN));
    }

    private void put(int x, int y, int colour) {
        for (int channel = 0; channel < 3; channel++) {
            int part = colour >> 8 * (2 - channel) & 0xff;
            pixels[(channel * HEIGHT + y) * WIDTH + x] = part / 255f;
        }
    }
}
