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

    private static final String AS_CSV = "; the file was read as CSV, and these are read: " + DatasetFormat.ALL;
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
    private final boolean firstEndsWithSeparator;

    /** Of the row that was read last, for behind it the next one is read already. */
    private List<String> fields = List.of();

    private int line;
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
        this.firstEndsWithSeparator = next.getLast().isEmpty();
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
                || (line.stream().noneMatch(CsvRows::isValue)
                        && !line.stream().allMatch(NumberText::mayBeMeantAsValue));
    }

    private static boolean isValue(String text) {
        return text.isEmpty()
                || NumberText.isNumber(text)
                || text.equalsIgnoreCase("nan")
                || NumberText.isMeantAsNumber(text);
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
        List<String> ahead = next;
        if (ahead == null) {
            return false;
        }
        String row = "%s[%d]".formatted(field, read);
        fields = ahead;
        line = lines.number();
        requireWidth(row);
        int at = 0;
        for (int column = 0; column < columns; column++) {
            if (column == labelColumn) {
                label = fields.get(column);
            } else if (column == groupColumn) {
                group = fields.get(column);
            } else {
                values[at++] = number(row, column, fields.get(column));
            }
        }
        read++;
        next = lines.next();
        return true;
    }

    private void requireWidth(String row) {
        int width = fields.size();
        if (width == columns) {
            return;
        }
        String hint = "";
        if (width == columns + 1 && fields.getLast().isEmpty()) {
            hint = "; it ends with a separator, which begins one more";
        } else if (width == columns - 1 && firstEndsWithSeparator) {
            hint = "; the first line ends with a separator, which begins one more";
        } else if (width == 2 * columns
                && lines.separator() == ','
                && fields.stream().allMatch(NumberText::isNumber)) {
            hint = "; commas separate columns: if these are decimal commas, write points";
        } else if (columns == 1 && hasHeader) {
            hint = AS_CSV;
        }
        throw Problem.invalid(
                row,
                "%s has %d columns, %d are needed as in the first line (line %d)%s"
                        .formatted(row, width, columns, line, hint));
    }

    @Override
    public int line() {
        return line;
    }

    @Override
    public String nan(int value) {
        int column = value;
        for (int other : new int[] {Math.min(labelColumn, groupColumn), Math.max(labelColumn, groupColumn)}) {
            column += other >= 0 && other <= column ? 1 : 0;
        }
        boolean empty = fields.get(column).isEmpty();
        return "is %s (line %d, column %d%s)"
                .formatted(
                        empty ? "empty" : "NaN",
                        line,
                        column + 1,
                        empty && column > 0 && column == columns - 1 ? ", after the last separator" : "");
    }

    private double number(String row, int column, String text) {
        if (text.isEmpty() || text.equalsIgnoreCase("nan")) {
            return Double.NaN;
        }
        double number = NumberText.parse(text);
        if (Double.isNaN(number)) {
            throw Problem.invalid(
                    row,
                    "%s has '%s' in column %d (line %d), a number is needed%s"
                            .formatted(row, Words.shortened(text), column + 1, line, hint(column, text)));
        }
        return number;
    }

    private String hint(int column, String text) {
        String meant = NumberText.hint(text, columns == 1);
        if (meant != null) {
            return "; " + meant;
        }
        if (!field.equals(NewDataset.FILE)) {
            return "";
        }
        if (columns == 1 && hasHeader) {
            return AS_CSV;
        }
        String labels = "a header can call column %d label or group".formatted(column + 1);
        if (read > 0 || hasHeader) {
            return "; " + labels;
        }
        // Columns may be called by numbers, and a row may begin or end with its label.
        return "; " + asHeader() + (fields.stream().anyMatch(NumberText::isNumber) ? ", and " + labels : "");
    }

    /** Of the first line, whether or not this is what the client takes it for. */
    private String asHeader() {
        String header = "with header=true the first line is one";
        if (fields.getFirst().isEmpty()) {
            return header
                    + ", but its first column has no name: if that numbers the rows, leave it out (pandas: to_csv(index=False))";
        }
        return fields.getLast().isEmpty()
                ? header + ", but its last column has no name: if lines end with a separator, leave that away"
                : header;
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
