package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.NpyReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** The rows of a .npy file: what its first dimension counts. */
final class NpyRows implements Rows {

    private final InputStream in;
    private final NpyReader file;
    private final int[] shape;
    private final int count;
    private int read;

    NpyRows(String field, InputStream in) throws IOException {
        this.in = in;
        this.file = NpyReader.open(field, in);
        int[] all = file.shape();
        if (all.length == 0) {
            throw Problem.invalid(field, "%s is a .npy file of a single number, rows are needed".formatted(field));
        }
        this.count = all[0];
        this.shape = Arrays.copyOfRange(all, 1, all.length);
    }

    @Override
    public int[] shape() {
        return shape;
    }

    @Override
    public boolean isBytes() {
        return file.isBytes();
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public boolean next(double[] values) throws IOException {
        if (read == count) {
            file.requireEnd();
            return false;
        }
        file.read(values);
        read++;
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
