package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where to start, chosen by the objective on the observed values alone: the nearest codes, and what the encoder says, or else ridge
 * regression from decodings to codes. Where values are missing, these two are asked for what was observed completed by the best
 * decoding so far. In blocks of always the same number of rows. For one thread.
 */
final class StartPoints implements AutoCloseable {

    private static final int ROUNDS = 3;

    /** @param decoded the latent's decoding {@code [input size]} */
    @SuppressWarnings("ArrayRecordComponent")
    record Start(float[] latent, double objective, float[] decoded) {}

    private final Autoencoder model;
    private final Shapes shapes;
    private final Codes codes;
    private final DecoderBlock block;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final Arena memory = Arena.ofConfined();
    private final Aligned values;
    private final Aligned masks;

    StartPoints(Autoencoder model, Shapes shapes, Codes codes, DecoderBlock block) {
        this.model = model;
        this.shapes = shapes;
        this.codes = codes;
        this.block = block;
        try {
            this.values = Aligned.allocate(memory, block.rows() * shapes.inputSize());
            this.masks = Aligned.allocate(memory, block.rows() * shapes.inputSize());
        } catch (RuntimeException | Error e) {
            manager.close();
            memory.close();
            throw e;
        }
    }

    /**
     * Start points of the examples {@code from} to {@code to}, a block at most.
     *
     * @param most how many an example may have at most
     * @return for each example at least one, the best first
     */
    List<List<Start>> propose(Observations x, int from, int to, int most) {
        List<List<Start>> starts = nearest(x, from, to, most);
        if (model.hasEncoder() || codes.regresses()) {
            for (int round = 0; round < (x.mask() == null ? 1 : ROUNDS); round++) {
                improve(x, from, starts);
            }
        }
        return starts.stream()
                .map(all -> all.subList(0, Math.min(most, all.size())))
                .toList();
    }

    private List<List<Start>> nearest(Observations x, int from, int to, int most) {
        int size = shapes.inputSize();
        float[] known = new float[block.rows() * size];
        float[] mask = new float[block.rows() * size];
        for (int i = from; i < to; i++) {
            x.observed(i, known, mask, (i - from) * size);
        }
        float[] distances = distances(known, x.mask() == null ? null : mask);
        List<List<Start>> starts = new ArrayList<>();
        for (int i = from; i < to; i++) {
            List<Start> own = new ArrayList<>();
            for (int code : smallest(distances, (i - from) * codes.size(), most, x.prior())) {
                float[] decoded = new float[size];
                codes.decoding(code, decoded);
                float[] z = codes.code(code);
                own.add(new Start(z, x.objective(i, decoded, 0, z), decoded));
            }
            own.sort(Comparator.comparingDouble(Start::objective));
            starts.add(own);
        }
        return starts;
    }

    /** {@code [rows * codes]} */
    float[] distances(float[] known, float @Nullable [] mask) {
        values.write(known, known.length);
        if (mask != null) {
            masks.write(mask, mask.length);
        }
        try (NDManager pass = manager.newSubManager()) {
            NDArray distances = codes.distances(flat(pass, values), mask == null ? null : flat(pass, masks));
            float[] read = new float[block.rows() * codes.size()];
            DecoderBlock.read(distances, read);
            return read;
        }
    }

    private NDArray flat(NDManager pass, Aligned of) {
        return of.array(pass, new Shape(block.rows(), shapes.inputSize()));
    }

    private int[] smallest(float[] distances, int offset, int most, double prior) {
        double[] costs = new double[codes.size()];
        for (int k = 0; k < costs.length; k++) {
            costs[k] = distances[offset + k] + prior * Observations.squaredNorm(codes.code(k));
        }
        int[] chosen = new int[Math.min(most, costs.length)];
        for (int c = 0; c < chosen.length; c++) {
            int best = 0;
            for (int k = 1; k < costs.length; k++) {
                if (costs[k] < costs[best]) {
                    best = k;
                }
            }
            chosen[c] = best;
            costs[best] = Double.POSITIVE_INFINITY;
        }
        return chosen;
    }

    private void improve(Observations x, int from, List<List<Start>> starts) {
        int size = shapes.inputSize();
        int width = shapes.latentSize();
        float[] complete = new float[block.rows() * size];
        for (int row = 0; row < starts.size(); row++) {
            x.complete(from + row, starts.get(row).getFirst().decoded(), complete, row * size);
        }
        float[] latents = encode(complete);
        float[] decoded = new float[block.rows() * size];
        block.decode(latents, decoded);
        for (int row = 0; row < starts.size(); row++) {
            float[] z = Arrays.copyOfRange(latents, row * width, (row + 1) * width);
            double objective = x.objective(from + row, decoded, row * size, z);
            List<Start> own = starts.get(row);
            float[] y = Arrays.copyOfRange(decoded, row * size, (row + 1) * size);
            int better = 0;
            while (better < own.size() && own.get(better).objective() <= objective) {
                better++;
            }
            own.add(better, new Start(z, objective, y));
        }
    }

    /** What the encoder or the regression says, {@code [rows * latent size]}. */
    float[] encode(float[] complete) {
        values.write(complete, complete.length);
        float[] latents = new float[block.rows() * shapes.latentSize()];
        try (NDManager pass = manager.newSubManager()) {
            NDArray z = model.hasEncoder()
                    ? model.encode(values.array(pass, shapes.inputs(block.rows())))
                            .mean()
                    : codes.regress(flat(pass, values));
            DecoderBlock.read(z, latents);
            return latents;
        }
    }

    @Override
    public void close() {
        manager.close();
        memory.close();
    }
}
