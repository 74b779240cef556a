package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Safetensors.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One code per example, learned by Adam. Only the codes of a batch move: with dense updates the others would be carried on by the
 * momentum of gradients that are long past. A code's moments are as old as its own updates.
 */
final class CodeTable {

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    /** What float32's rounding makes of a length of 1 is not cut again: a table that is restored stays as it was. */
    private static final double LONGEST_SQUARED = 1 + 1e-6;

    private final int width;
    /** One part, the codes; or two, means and log-variances. Each {@code [n * width]}. */
    private final float[][] parts;

    private final float[][] first;
    private final float[][] second;
    private final int[] updates;
    private final boolean ball;

    /**
     * @param parts codes, or means and log-variances, each {@code [n * width]}; become this table's own
     * @param ball keeps codes in the unit ball
     */
    CodeTable(int width, boolean ball, float[]... parts) {
        this.width = width;
        this.parts = parts;
        this.ball = ball;
        this.first = zeros(parts);
        this.second = zeros(parts);
        this.updates = new int[parts[0].length / width];
        if (ball) {
            for (int row = 0; row < updates.length; row++) {
                shorten(row);
            }
        }
    }

    /**
     * @param saved what {@link #save} and {@link #saveMoments} wrote, the latter perhaps not, without their prefixes
     * @return null where there are no codes
     */
    static @Nullable CodeTable restore(Map<String, Values> saved, Map<String, Values> moments, Objective objective) {
        List<Values> parts = new ArrayList<>();
        for (Values part = saved.get("0"); part != null; part = saved.get(String.valueOf(parts.size()))) {
            parts.add(part);
        }
        if (parts.isEmpty()) {
            return null;
        }
        var table = new CodeTable(
                parts.getFirst().shape()[1],
                objective instanceof Objective.Ad ad && ad.ball(),
                parts.stream().map(Values::values).toArray(float[][]::new));
        Values updates = moments.get("updates");
        if (updates != null) {
            for (int row = 0; row < table.updates.length; row++) {
                table.updates[row] = (int) updates.values()[row];
            }
            for (int part = 0; part < table.parts.length; part++) {
                copy(moments.get("first." + part), table.first[part]);
                copy(moments.get("second." + part), table.second[part]);
            }
        }
        return table;
    }

    private static void copy(@Nullable Values from, float[] to) {
        if (from != null) {
            System.arraycopy(from.values(), 0, to, 0, to.length);
        }
    }

    void save(Map<String, Values> into) {
        for (int part = 0; part < parts.length; part++) {
            into.put(TrainerState.CODES + part, values(parts[part].clone()));
        }
    }

    void saveMoments(Map<String, Values> into) {
        for (int part = 0; part < parts.length; part++) {
            into.put(TrainerState.CODE_MOMENTS + "first." + part, values(first[part]));
            into.put(TrainerState.CODE_MOMENTS + "second." + part, values(second[part]));
        }
        float[] counts = new float[updates.length];
        for (int row = 0; row < counts.length; row++) {
            counts[row] = updates[row];
        }
        into.put(TrainerState.CODE_MOMENTS + "updates", new Values(new int[] {counts.length}, counts));
    }

    private Values values(float[] part) {
        return new Values(new int[] {updates.length, width}, part);
    }

    private static float[][] zeros(float[][] like) {
        return Arrays.stream(like).map(part -> new float[part.length]).toArray(float[][]::new);
    }

    int count() {
        return updates.length;
    }

    /** Codes, or means: {@code [n * width]}, the table's own. */
    float[] codes() {
        return parts[0];
    }

    /** Copies a part of some rows. */
    void read(int part, int[] rows, int count, float[] into) {
        for (int i = 0; i < count; i++) {
            System.arraycopy(parts[part], rows[i] * width, into, i * width, width);
        }
    }

    /**
     * Moves some rows.
     *
     * @param gradients for each part, of each row's own loss {@code [count * width]}
     */
    void step(int[] rows, int count, double rate, float[]... gradients) {
        for (int i = 0; i < count; i++) {
            int row = rows[i];
            int t = ++updates[row];
            double correction1 = 1 - Math.pow(BETA1, t);
            double correction2 = 1 - Math.pow(BETA2, t);
            for (int part = 0; part < parts.length; part++) {
                for (int j = 0; j < width; j++) {
                    int at = row * width + j;
                    float gradient = gradients[part][i * width + j];
                    double m = BETA1 * first[part][at] + (1 - BETA1) * gradient;
                    double v = BETA2 * second[part][at] + (1 - BETA2) * gradient * gradient;
                    first[part][at] = (float) m;
                    second[part][at] = (float) v;
                    parts[part][at] -= (float) (rate * (m / correction1) / (Math.sqrt(v / correction2) + EPSILON));
                }
            }
            if (ball) {
                shorten(row);
            }
        }
    }

    private void shorten(int row) {
        double square = 0;
        for (int j = row * width; j < (row + 1) * width; j++) {
            square += (double) parts[0][j] * parts[0][j];
        }
        if (square > LONGEST_SQUARED) {
            double scale = 1 / Math.sqrt(square);
            for (int j = row * width; j < (row + 1) * width; j++) {
                parts[0][j] = (float) (parts[0][j] * scale);
            }
        }
    }
}
