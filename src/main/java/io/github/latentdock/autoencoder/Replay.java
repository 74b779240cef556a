package io.github.latentdock.autoencoder;

import java.util.Arrays;

/**
 * What an auto-decoder knew, beside what it is to learn: first its old codes, each with what the old decoder makes of it, then new
 * examples. Trained on both, it keeps the old without a look at the old examples (generative replay, Shin et al. 2017).
 *
 * <p>Old codes are decoded whenever they are wanted, so that they take no more memory than a block of them, in blocks of one shape:
 * what a code decodes to is always the same to the last bit, whatever is wanted with it. For one thread.
 */
final class Replay implements Examples, AutoCloseable {

    private static final int[] ROWS = {32, 8};

    private static final int MOST_COMPARED = 2000;

    private final Examples fresh;
    private final float[] codes;
    private final int size;
    private final int width;
    private final DeclaredAutoencoder before;
    private final DecoderBlock block;
    private final float[] latents;
    private final float[] decoded;
    private final int[] wanted;

    /** @param parent whose codes are all replayed */
    Replay(Examples fresh, Network network, TrainedState parent) {
        var shapes = Shapes.of(network);
        this.fresh = fresh;
        this.codes = parent.codes();
        this.size = shapes.inputSize();
        this.width = shapes.latentSize();
        this.before = DeclaredAutoencoder.of(network, parent.weights());
        try {
            this.block = block(before, shapes);
        } catch (RuntimeException | Error e) {
            before.close();
            throw e;
        }
        this.latents = new float[block.rows() * width];
        this.decoded = new float[block.rows() * size];
        this.wanted = new int[block.rows()];
    }

    /** Of as many rows as can be, each of which decodes as if it were alone. */
    private static DecoderBlock block(Autoencoder model, Shapes shapes) {
        for (int rows : ROWS) {
            var block = new DecoderBlock(model, shapes, rows);
            try {
                RowIndependence.RowFunction decode = z -> {
                    float[] decoded = new float[rows * shapes.inputSize()];
                    block.decode(z, decoded);
                    return decoded;
                };
                if (RowIndependence.holds(decode, rows, shapes.latentSize())) {
                    return block;
                }
            } catch (RuntimeException | Error e) {
                block.close();
                throw e;
            }
            block.close();
        }
        return new DecoderBlock(model, shapes, 1);
    }

    /** How many of the first examples are old ones. */
    int old() {
        return codes.length / width;
    }

    /**
     * By how much what the codes decode to has changed, as a mean squared difference per value, over some of them.
     *
     * @param now the codes as they have become {@code [k * latent size]}, and more
     * @param after what they decode to now
     */
    double forgotten(float[] now, Evaluation after) {
        int count = Math.min(old(), MOST_COMPARED);
        float[] then = new float[size];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            int row = (int) ((long) i * old() / count);
            float[] made = after.decode(Arrays.copyOfRange(now, row * width, (row + 1) * width));
            values(row, then, 0);
            for (int j = 0; j < size; j++) {
                sum += Math.pow(made[j] - then[j], 2);
            }
        }
        return sum / count / size;
    }

    @Override
    public int count() {
        return Math.addExact(old(), fresh.count());
    }

    @Override
    public int[] shape() {
        return fresh.shape();
    }

    @Override
    public float low() {
        return fresh.low();
    }

    @Override
    public float high() {
        return fresh.high();
    }

    @Override
    public void values(int row, float[] into, int offset) {
        if (row < old()) {
            System.arraycopy(codes, row * width, latents, 0, width);
            block.decode(latents, decoded);
            System.arraycopy(decoded, 0, into, offset, size);
        } else {
            fresh.values(row - old(), into, offset);
        }
    }

    @Override
    public void values(int[] rows, int count, float[] into) {
        int filled = 0;
        for (int i = 0; i < count; i++) {
            if (rows[i] < old()) {
                System.arraycopy(codes, rows[i] * width, latents, filled * width, width);
                wanted[filled++] = i;
            } else {
                fresh.values(rows[i] - old(), into, i * size);
            }
            if (filled == wanted.length || (i == count - 1 && filled > 0)) {
                block.decode(latents, decoded);
                for (int j = 0; j < filled; j++) {
                    System.arraycopy(decoded, j * size, into, wanted[j] * size, size);
                }
                filled = 0;
            }
        }
    }

    @Override
    public boolean hasMask() {
        return fresh.hasMask();
    }

    @Override
    public void mask(int row, float[] into, int offset) {
        if (row < old()) {
            Arrays.fill(into, offset, offset + size, 1);
        } else {
            fresh.mask(row - old(), into, offset);
        }
    }

    @Override
    public boolean hasGroups() {
        return false;
    }

    @Override
    public int group(int row) {
        throw new IllegalStateException("an auto-decoder's examples have no groups");
    }

    @Override
    public void close() {
        block.close();
        before.close();
    }
}
