package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.Tensor;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of labels or groups, one for each example: numbers in any format, or lines of text. */
interface CodeRows extends Closeable {

    /** How many there are; -1 when only the end tells. */
    long count();

    /** @return false when there are no more */
    boolean next(CodeWriter to) throws IOException;

    /** Whole numbers, {@code [n]} or {@code [n, 1]}. */
    static CodeRows numbers(String field, Rows rows) {
        if (Tensor.size(rows.shape()) != 1) {
            throw Problem.invalid(
                    field,
                    "%s has rows of shape %s, one number for each is needed"
                            .formatted(field, Arrays.toString(rows.shape())));
        }
        return new CodeRows() {
            private final double[] number = new double[1];

            @Override
            public long count() {
                return rows.count();
            }

            @Override
            public boolean next(CodeWriter to) throws IOException {
                if (!rows.next(number)) {
                    return false;
                }
                to.add(number[0]);
                return true;
            }

            @Override
            public void close() throws IOException {
                rows.close();
            }
        };
    }

    /**
     * Names or whole numbers, one in each line.
     *
     * @param title what the first line may be, which then does not count
     */
    static CodeRows lines(String field, CsvLines lines, String title) throws IOException {
        List<String> first = lines.next();
        boolean titled = first != null
                && first.size() == 1
                && (first.getFirst().equalsIgnoreCase(title) || title.equalsIgnoreCase(first.getFirst() + "s"));
        List<String> begin = titled ? lines.next() : first;
        return new CodeRows() {
            private @Nullable List<String> line = begin;

            @Override
            public long count() {
                return -1;
            }

            @Override
            public boolean next(CodeWriter to) throws IOException {
                List<String> fields = line;
                if (fields == null) {
                    return false;
                }
                if (fields.size() != 1) {
                    throw Problem.invalid(
                            field,
                            "line %d of %s has %d columns, one is needed; a name that has a separator in it is quoted"
                                    .formatted(lines.number(), field, fields.size()));
                }
                to.add(fields.getFirst(), lines.number());
                line = lines.next();
                return true;
            }

            @Override
            public void close() throws IOException {
                lines.close();
            }
        };
    }
}
