package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import io.github.latentdock.storage.Draft;
import io.github.latentdock.tensor.NpyReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The rows of a .npy file: what its first dimension counts. */
final class NpyRows implements Rows {

    private final String field;
    private final InputStream in;
    private final Draft scratch;
    private final NpyReader file;
    private final int[] shape;
    private final int count;
    private final boolean byColumns;
    private @Nullable Columns columns;
    private int read;

    /** @param scratch takes a copy of what is in Fortran order, once a row is asked for */
    NpyRows(String field, InputStream in, Draft scratch) throws IOException {
        this.field = field;
        this.in = in;
        this.scratch = scratch;
        this.file = NpyReader.open(field, in);
        int[] all = file.shape();
        if (all.length == 0) {
            throw Problem.invalid(field, "%s is a .npy file of a single number, rows are needed".formatted(field));
        }
        this.count = all[0];
        this.shape = Arrays.copyOfRange(all, 1, all.length);
        this.byColumns = file.isFortranOrder() && Arrays.stream(shape).anyMatch(dimension -> dimension != 1);
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
        if (byColumns && columns == null) {
            columns = new Columns(file, shape, scratch, field + ".columns");
            file.requireEnd();
        }
        if (columns == null) {
            file.read(values);
        } else {
            columns.row(read, values);
        }
        read++;
        return true;
    }

    @Override
    public void close() throws IOException {
        if (columns != null) {
            columns.close();
        }
        in.close();
    }
}
