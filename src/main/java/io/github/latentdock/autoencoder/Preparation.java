package io.github.latentdock.autoencoder;

import ai.djl.engine.EngineException;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What is found out of a model once, before its first optimisation.
 *
 * @param codes where to start from
 * @param rows how many rows go into a block: the least awkward number with which each row's answer is its own, to the last bit
 * @param differentiable whether a gradient flows through the decoder
 * @param steepness the mean over latent directions of the squared change of all decoded values per squared change of the latent
 */
record Preparation(Codes codes, int rows, boolean differentiable, double steepness) implements AutoCloseable {

    /** Of 32 rows, whatever their width, no number is left over for the slower half of a vectorised function. */
    private static final int[] ROWS = {8, 32};

    private static final int PROBES = 8;
    private static final float STEP = 0.01f;

    static Preparation of(Autoencoder model, Shapes shapes, float @Nullable [][] given, int mostRows) {
        Codes codes = new Codes(model, shapes, given, mostRows);
        try {
            boolean differentiable = differentiable(model, shapes);
            return new Preparation(
                    codes,
                    rows(model, shapes, codes, differentiable, mostRows),
                    differentiable,
                    steepness(model, shapes, codes));
        } catch (RuntimeException | Error e) {
            codes.close();
            throw e;
        }
    }

    private static boolean differentiable(Autoencoder model, Shapes shapes) {
        float[] gradient = new float[shapes.latentSize()];
        float[] vector = new float[shapes.inputSize()];
        Arrays.fill(vector, 1);
        try (var block = new DecoderBlock(model, shapes, 1)) {
            block.decode(new float[shapes.latentSize()], new float[shapes.inputSize()], () -> {}, vector, gradient);
            return true;
        } catch (EngineException e) {
            return false;
        }
    }

    private static int rows(Autoencoder model, Shapes shapes, Codes codes, boolean differentiable, int mostRows) {
        for (int rows : ROWS) {
            if (rows > mostRows) {
                break;
            }
            try (var block = new DecoderBlock(model, shapes, rows);
                    var starts = new StartPoints(model, shapes, codes, block)) {
                if (independent(model, shapes, codes, differentiable, block, starts)) {
                    return rows;
                }
            }
        }
        return 1;
    }

    private static boolean independent(
            Autoencoder model,
            Shapes shapes,
            Codes codes,
            boolean differentiable,
            DecoderBlock block,
            StartPoints starts) {
        int rows = block.rows();
        RowIndependence.RowFunction decode = z -> {
            float[] decoded = new float[rows * shapes.inputSize()];
            block.decode(z, decoded);
            return decoded;
        };
        RowIndependence.RowFunction gradient = z -> {
            float[] decoded = new float[rows * shapes.inputSize()];
            float[] gradients = new float[rows * shapes.latentSize()];
            block.decode(z, decoded, () -> {}, decoded, gradients);
            return gradients;
        };
        RowIndependence.RowFunction distances = x -> starts.distances(x, x);
        boolean holds = RowIndependence.holds(decode, rows, shapes.latentSize())
                && RowIndependence.holds(distances, rows, shapes.inputSize());
        if (holds && differentiable) {
            holds = RowIndependence.holds(gradient, rows, shapes.latentSize());
        }
        if (holds && (model.hasEncoder() || codes.regresses())) {
            holds = RowIndependence.holds(starts::encode, rows, shapes.inputSize());
        }
        return holds;
    }

    private static double steepness(Autoencoder model, Shapes shapes, Codes codes) {
        RandomGenerator random = Codes.random(2);
        double sum = 0;
        int probes = Math.min(PROBES, codes.size());
        try (var block = new DecoderBlock(model, shapes, 2)) {
            float[] decoded = new float[2 * shapes.inputSize()];
            float[] pair = new float[2 * shapes.latentSize()];
            for (int probe = 0; probe < probes; probe++) {
                float[] code = codes.code(probe);
                for (int i = 0; i < code.length; i++) {
                    pair[i] = code[i];
                    pair[code.length + i] = code[i] + (random.nextBoolean() ? STEP : -STEP);
                }
                block.decode(pair, decoded);
                for (int k = 0; k < shapes.inputSize(); k++) {
                    double change = (decoded[shapes.inputSize() + k] - decoded[k]) / STEP;
                    sum += change * change;
                }
            }
        }
        return Math.max(1e-12, sum / probes / shapes.latentSize());
    }

    @Override
    public void close() {
        codes.close();
    }
}
