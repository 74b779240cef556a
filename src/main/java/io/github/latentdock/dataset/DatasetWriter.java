package io.github.latentdock.dataset;

import io.github.latentdock.dataset.Dataset.Codes;
import io.github.latentdock.dataset.Dataset.Source;
import io.github.latentdock.dataset.Dataset.Statistics;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.storage.Draft;
import io.github.latentdock.tensor.ValueRange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes the files of a dataset, row by row and in one pass: memory holds a row at a time. */
final class DatasetWriter {

    private static final double BYTE_SCALE = 1 / 255.0;
    private static final ValueRange SIGNED_UNIT = new ValueRange(-1, 1);

    private final Inputs inputs;
    private final Options options;
    private final DatasetsProperties limits;
    private final Draft draft;
    private final ElementType type;
    private final Layout layout;
    private final @Nullable Layout maskLayout;
    private final double[] values;
    private final double[] mask;
    private final ByteBuffer row;
    private final byte[] observed;
    private final Moments moments = new Moments();
    private int rows;

    private DatasetWriter(Inputs inputs, Options options, DatasetsProperties limits, Draft draft) {
        this.inputs = inputs;
        this.options = options;
        this.limits = limits;
        this.draft = draft;
        this.type = inputs.values().isBytes() ? ElementType.UINT8 : ElementType.FLOAT32;
        this.layout = Layout.of(NewDataset.FILE, inputs.values(), limits.maxValues());
        this.maskLayout = inputs.mask() == null
                ? null
                : layout.ofMask(NewDataset.MASK, inputs.mask().shape());
        requireAllowed(inputs.values().count());
        inputs.requireSameCounts();
        int size = layout.size();
        this.values = new double[size];
        this.mask = new double[inputs.mask() == null ? 0 : size];
        this.row = ByteBuffer.allocate(size * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        this.observed = new byte[size];
    }

    /**
     * Reads all inputs to their ends.
     *
     * @return what was written, but for its own description
     * @throws Problem naming the part, row and value that is wrong
     */
    static Dataset write(NewDataset dataset, String id, Inputs inputs, DatasetsProperties limits, Draft draft)
            throws IOException {
        return new DatasetWriter(inputs, dataset.options(), limits, draft).write(dataset.name(), id);
    }

    private Dataset write(String name, String id) throws IOException {
        boolean mayMiss = inputs.mask() != null || options.missingIsNan();
        Codes labels = null;
        Codes groups = null;
        try (OutputStream out = draft.open(Dataset.VALUES);
                OutputStream maskOut = mayMiss ? draft.open(Dataset.MASK) : OutputStream.nullOutputStream();
                CodeWriter labelWriter = labelWriter();
                CodeWriter groupWriter = groupWriter()) {
            while (inputs.values().next(values)) {
                requireAllowed(rows + 1L);
                readMask();
                convert();
                out.write(row.array());
                maskOut.write(observed);
                write(NewDataset.LABELS, inputs.labels(), inputs.values().label(), labelWriter);
                write(NewDataset.GROUPS, inputs.groups(), inputs.values().group(), groupWriter);
                rows++;
            }
            requireEnds(labelWriter, groupWriter);
            labels = labelWriter == null ? null : labelWriter.finish();
            groups = groupWriter == null ? null : groupWriter.finish();
        }
        boolean hasMask = inputs.mask() != null || moments.missing() > 0;
        if (mayMiss && !hasMask) {
            Files.delete(draft.folder().resolve(Dataset.MASK));
        }
        Statistics statistics = moments.statistics(type == ElementType.UINT8 ? BYTE_SCALE : 1);
        return new Dataset(
                name,
                id,
                rows,
                layout.shape(),
                type,
                range(statistics),
                statistics,
                hasMask,
                labels,
                groups,
                new Source(inputs.format(), options.missing(), options.size()),
                Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }

    private @Nullable CodeWriter labelWriter() throws IOException {
        Boolean names = inputs.values().labelsAreNames() ? true : null;
        return inputs.labels() == null && !inputs.values().hasLabels()
                ? null
                : new CodeWriter(NewDataset.LABELS, draft, Dataset.LABELS, names);
    }

    private @Nullable CodeWriter groupWriter() throws IOException {
        return inputs.groups() == null && !inputs.values().hasGroups()
                ? null
                : new CodeWriter(NewDataset.GROUPS, draft, Dataset.GROUPS, null);
    }

    private void requireAllowed(long count) {
        if (count > limits.maxRows()) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    NewDataset.FILE,
                    "file has %s rows, at most %d are allowed"
                            .formatted(inputs.values().count() < 0 ? "more" : count, limits.maxRows()));
        }
        if (count * layout.size() * type.bytes() > limits.maxSize().toBytes()) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    NewDataset.FILE,
                    "the values of file take more than the %s allowed when they are unpacked"
                            .formatted(limits.maxSize()));
        }
    }

    private void readMask() throws IOException {
        Rows rowsOfMask = inputs.mask();
        if (rowsOfMask != null && !rowsOfMask.next(mask)) {
            throw ended(NewDataset.MASK, rows == 0 ? "; of CSV a first line without numbers is a header" : "");
        }
    }

    private void write(String part, @Nullable CodeRows codes, @Nullable String code, @Nullable CodeWriter to)
            throws IOException {
        if (to == null) {
            return;
        }
        if (codes == null) {
            to.add(code == null ? "" : code, inputs.values().line());
        } else if (!codes.next(to)) {
            throw ended(part, codes.count() < 0 ? "; empty lines do not count" : "");
        }
    }

    private Problem ended(String part, String hint) {
        return Problem.invalid(part, "%s ends after %d rows, file has more%s".formatted(part, rows, hint));
    }

    /** The same number of rows everywhere, at least one, and something to learn from in them. */
    private void requireEnds(@Nullable CodeWriter labels, @Nullable CodeWriter groups) throws IOException {
        if (rows == 0) {
            throw Problem.invalid(
                    NewDataset.FILE,
                    inputs.format() == DatasetFormat.CSV
                            ? "file has no rows: it was read as CSV, and its only line as a header; these are read: "
                                    + DatasetFormat.ALL
                            : "file has no rows");
        }
        if (inputs.labels() != null && labels != null && inputs.labels().next(labels)) {
            throw beyond(NewDataset.LABELS, inputs.labels().count());
        }
        if (inputs.groups() != null && groups != null && inputs.groups().next(groups)) {
            throw beyond(NewDataset.GROUPS, inputs.groups().count());
        }
        if (inputs.mask() != null && inputs.mask().next(mask)) {
            throw beyond(NewDataset.MASK, 0);
        }
        if (moments.observed() == 0) {
            throw Problem.invalid(NewDataset.FILE, "file has no value that was observed, all are missing");
        }
    }

    /** @param count of the part's rows; -1 where it has lines, which are counted as they come */
    private Problem beyond(String part, long count) {
        String hint = count < 0 ? "; a title in the first line must be '%s'".formatted(part) : "";
        return Problem.invalid(part, "%s has more rows than file, which has %d%s".formatted(part, rows, hint));
    }

    private void convert() {
        row.clear();
        Arrays.fill(observed, (byte) 1);
        for (int i = 0; i < values.length; i++) {
            int source = layout.source(i);
            float value = (float) values[source];
            boolean seen = maskLayout == null || isObserved(maskLayout, maskLayout.source(i));
            if (seen && !Float.isFinite(value)) {
                if (!Float.isNaN(value) || !options.missingIsNan()) {
                    throw notFinite(source, value);
                }
                seen = false;
            }
            if (seen) {
                moments.add(value);
            } else {
                // Whatever stands for what is missing, a model must not learn from it.
                value = 0;
                moments.addMissing();
                observed[i] = 0;
            }
            if (type == ElementType.UINT8) {
                row.put((byte) value);
            } else {
                row.putFloat(value);
            }
        }
    }

    private boolean isObserved(Layout of, int source) {
        double value = mask[source];
        if (value != 0 && value != 1) {
            String at = "%s[%d]%s".formatted(NewDataset.MASK, rows, of.position(source));
            String told =
                    Double.isNaN(value) && inputs.mask() != null ? inputs.mask().nan(source) : "is " + value;
            throw Problem.invalid(at, "%s %s, 1 (observed) or 0 (missing) is needed".formatted(at, told));
        }
        return value == 1;
    }

    private Problem notFinite(int source, float value) {
        String at = "%s[%d]%s".formatted(NewDataset.FILE, rows, layout.position(source));
        return Problem.invalid(
                at,
                Float.isNaN(value)
                        ? "%s %s, a number is needed; with missing=nan it is taken as missing"
                                .formatted(at, inputs.values().nan(source))
                        : "%s is beyond what float32 can hold, a finite number is needed".formatted(at));
    }

    private static @Nullable ValueRange range(Statistics statistics) {
        if (statistics.max() > 1 || statistics.min() < -1) {
            return null;
        }
        return statistics.min() < 0 ? SIGNED_UNIT : ValueRange.UNIT;
    }
}
