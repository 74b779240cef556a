package io.github.latentdock.autoencoder;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * What an auto-decoder knew, beside what it is to learn: first its old codes, each with what the old decoder makes of it, then new
 * examples. Trained on both, it keeps the old without a look at the old examples (generative replay, Shin et al. 2017).
 */
final class Replay implements Examples, AutoCloseable {

    /** What old decodings may take. */
    private static final long MOST_BYTES = 1L << 30;

    private static final int ROWS = 64;

    private final Examples fresh;
    private final Arena memory = Arena.ofShared();
    private final MemorySegment decoded;
    private final int size;
    private final int old;

    /** @param codes {@code [k * latent size]}, all of which are replayed */
    Replay(Examples fresh, float[] codes, Evaluation before, int latentSize) {
        this.fresh = fresh;
        this.size = Arrays.stream(fresh.shape()).reduce(1, Math::multiplyExact);
        this.old = codes.length / latentSize;
        this.decoded = memory.allocate((long) old * size * Float.BYTES, Float.BYTES);
        try {
            for (int from = 0; from < old; from += ROWS) {
                int to = Math.min(old, from + ROWS);
                float[] values = before.decode(Arrays.copyOfRange(codes, from * latentSize, to * latentSize));
                MemorySegment.copy(
                        values, 0, decoded, ValueLayout.JAVA_FLOAT, (long) from * size * Float.BYTES, values.length);
            }
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    /** How many codes there is room for. */
    static int most(int inputSize) {
        return (int) Math.min(Integer.MAX_VALUE, MOST_BYTES / Float.BYTES / inputSize);
    }

    /** How many of the first examples are old ones. */
    int old() {
        return old;
    }

    @Override
    public int count() {
        return old + fresh.count();
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
        if (row < old) {
            MemorySegment.copy(decoded, ValueLayout.JAVA_FLOAT, (long) row * size * Float.BYTES, into, offset, size);
        } else {
            fresh.values(row - old, into, offset);
        }
    }

    @Override
    public boolean hasMask() {
        return fresh.hasMask();
    }

    @Override
    public void mask(int row, float[] into, int offset) {
        if (row < old) {
            Arrays.fill(into, offset, offset + size, 1);
        } else {
            fresh.mask(row - old, into, offset);
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
        memory.close();
    }
}
