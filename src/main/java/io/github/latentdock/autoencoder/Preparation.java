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
 * @param most rows of a block where there are many: as many, or more where each row's answer is still the same to the last bit
 * @param differentiable whether a gradient flows through the decoder
 * @param steepness the mean over latent directions of the squared change of all decoded values per squared change of the latent
 */
record Preparation(Codes codes, int rows, int most, boolean differentiable, double steepness) implements AutoCloseable {

    /** Of 32 rows, whatever their width, no number is left over for the slower half of a vectorised function. */
    private static final int[] ROWS = {8, 32};

    /** A row takes two thirds of what it takes among 8, and of 64 a part is wasted as soon as some searches have ended. */
    private static final int MANY = 32;

    private static final int PROBES = 8;
    private static final float STEP = 0.01f;

    static Preparation of(Autoencoder model, Shapes shapes, float @Nullable [][] given, int mostRows) {
        Codes codes = new Codes(model, shapes, given, mostRows);
        try {
            boolean differentiable = differentiable(model, shapes);
            int rows = rows(model, shapes, codes, differentiable, mostRows);
            boolean more =
                    MANY > rows && MANY <= mostRows && rows > 1 && agree(model, shapes, codes, differentiable, rows);
            return new Preparation(codes, rows, more ? MANY : rows, differentiable, steepness(model, shapes, codes));
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

    /** Everything that is done to blocks, each a function of rows of so many values. */
    private record Operations(
            Autoencoder model,
            Shapes shapes,
            Codes codes,
            boolean differentiable,
            DecoderBlock block,
            StartPoints starts) {

        float[] decode(float[] z) {
            float[] decoded = new float[block.rows() * shapes.inputSize()];
            block.decode(z, decoded);
            return decoded;
        }

        float[] gradient(float[] z) {
            float[] decoded = new float[block.rows() * shapes.inputSize()];
            float[] gradients = new float[block.rows() * shapes.latentSize()];
            block.decode(z, decoded, () -> {}, decoded, gradients);
            return gradients;
        }

        /** @param check of a function, given its counterpart of the same model's and the width of a row */
        boolean all(Operations other, Check check) {
            int latent = shapes.latentSize();
            int input = shapes.inputSize();
            return check.holds(this::decode, other::decode, latent)
                    && (!differentiable || check.holds(this::gradient, other::gradient, latent))
                    && check.holds(x -> starts.distances(x, x), x -> other.starts.distances(x, x), input)
                    && (!(model.hasEncoder() || codes.regresses())
                            || check.holds(starts::encode, other.starts::encode, input));
        }
    }

    @FunctionalInterface
    private interface Check {
        boolean holds(RowIndependence.RowFunction function, RowIndependence.RowFunction other, int width);
    }

    private static int rows(Autoencoder model, Shapes shapes, Codes codes, boolean differentiable, int mostRows) {
        for (int rows : ROWS) {
            if (rows > mostRows) {
                break;
            }
            try (var block = new DecoderBlock(model, shapes, rows);
                    var starts = new StartPoints(model, shapes, codes, block)) {
                var operations = new Operations(model, shapes, codes, differentiable, block, starts);
                if (operations.all(
                        operations, (function, same, width) -> RowIndependence.holds(function, rows, width))) {
                    return rows;
                }
            }
        }
        return 1;
    }

    private static boolean agree(Autoencoder model, Shapes shapes, Codes codes, boolean differentiable, int rows) {
        try (var few = new DecoderBlock(model, shapes, rows);
                var fewStarts = new StartPoints(model, shapes, codes, few);
                var many = new DecoderBlock(model, shapes, MANY);
                var manyStarts = new StartPoints(model, shapes, codes, many)) {
            var small = new Operations(model, shapes, codes, differentiable, few, fewStarts);
            return small.all(
                    new Operations(model, shapes, codes, differentiable, many, manyStarts),
                    (function, larger, width) -> RowIndependence.agree(function, rows, larger, MANY, width));
        }
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
