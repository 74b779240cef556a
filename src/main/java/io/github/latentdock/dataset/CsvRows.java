package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a CSV file of numbers. Columns that the header calls {@code label} and {@code group} say to which class and group a
 * row belongs. An empty field is NaN.
 */
final class CsvRows implements Rows {

    private static final String LABEL = "label";
    private static final String GROUP = "group";

    /** More of what a client sent is not sent back. */
    private final String field;

    private final CsvLines lines;
    private final int columns;
    private int labelColumn = -1;
    private int groupColumn = -1;
    private @Nullable List<String> next;
    private @Nullable String label;
    private @Nullable String group;
    private final boolean hasHeader;
    private int read;

    /**
     * @param header whether the first line is one; null to let it tell
     * @param maxValues the most that a row may have
     */
    CsvRows(String field, BufferedInputStream in, @Nullable Boolean header, int maxValues) throws IOException {
        this.field = field;
        this.lines = new CsvLines(field, in, maxColumns(maxValues));
        this.next = lines.next();
        if (next == null) {
            throw Problem.malformed(field, "%s is empty".formatted(field));
        }
        this.columns = next.size();
        this.hasHeader = header == null ? isHeader(next) : header;
        if (hasHeader) {
            this.labelColumn = column(LABEL, next);
            this.groupColumn = column(GROUP, next);
            next = lines.next();
        }
        if (shape()[0] == 0) {
            throw Problem.invalid(field, "%s has no column of numbers".formatted(field));
        }
    }

    /** Beside the values, a label and a group. */
    private static int maxColumns(int maxValues) {
        return maxValues + 2;
    }

    /** Names only, or a known one among numbers: pixels are often called by their numbers. */
    private static boolean isHeader(List<String> line) {
        return line.stream().anyMatch(name -> name.equalsIgnoreCase(LABEL) || name.equalsIgnoreCase(GROUP))
                || line.stream().noneMatch(name -> name.isEmpty() || isNumber(name) || name.equalsIgnoreCase("nan"));
    }

    private int column(String name, List<String> header) {
        int column = -1;
        for (int i = 0; i < header.size(); i++) {
            if (header.get(i).equalsIgnoreCase(name)) {
                if (column >= 0) {
                    throw Problem.invalid(
                            field, "%s has two columns '%s', %d and %d".formatted(field, name, column + 1, i + 1));
                }
                column = i;
            }
        }
        return column;
    }

    @Override
    public int[] shape() {
        return new int[] {columns - (labelColumn < 0 ? 0 : 1) - (groupColumn < 0 ? 0 : 1)};
    }

    @Override
    public boolean isBytes() {
        return false;
    }

    @Override
    public boolean next(double[] values) throws IOException {
        List<String> line = next;
        if (line == null) {
            return false;
        }
        String row = "%s[%d]".formatted(field, read);
        if (line.size() != columns) {
            throw Problem.invalid(
                    row,
                    "%s has %d columns, %d are needed as in the first line (line %d)"
                            .formatted(row, line.size(), columns, lines.number()));
        }
        int at = 0;
        for (int column = 0; column < columns; column++) {
            if (column == labelColumn) {
                label = line.get(column);
            } else if (column == groupColumn) {
                group = line.get(column);
            } else {
                values[at++] = number(row, column, line.get(column));
            }
        }
        read++;
        next = lines.next();
        return true;
    }

    private double number(String row, int column, String text) {
        if (text.isEmpty() || text.equalsIgnoreCase("nan")) {
            return Double.NaN;
        }
        double number = parse(text);
        if (Double.isNaN(number)) {
            throw Problem.invalid(
                    row,
                    "%s has '%s' in column %d (line %d), a number is needed; %s"
                            .formatted(row, Words.shortened(text), column + 1, lines.number(), hint()));
        }
        return number;
    }

    /** In the first row it tells whether this is what the client takes it for. */
    private String hint() {
        if (read > 0) {
            return "a header can call a column label or group";
        }
        if (hasHeader) {
            return "the file was read as CSV, and these are read: " + DatasetFormat.ALL;
        }
        return next != null && next.getFirst().isEmpty()
                ? "with header=true the first line is one, but its first column has no name:"
                        + " if that numbers the rows, leave it out (pandas: to_csv(index=False))"
                : "with header=true the first line is one";
    }

    private static boolean isNumber(String text) {
        return !Double.isNaN(parse(text));
    }

    /** As everybody writes numbers, not as Java does: no 1f, no 0x1p3. NaN when it is none. */
    private static double parse(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && "+-.eE".indexOf(c) < 0) {
                return Double.NaN;
            }
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    @Override
    public boolean hasLabels() {
        return labelColumn >= 0;
    }

    @Override
    public boolean hasGroups() {
        return groupColumn >= 0;
    }

    @Override
    public @Nullable String label() {
        return label;
    }

    @Override
    public @Nullable String group() {
        return group;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
