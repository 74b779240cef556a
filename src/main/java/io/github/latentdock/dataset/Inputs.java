package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The opened files of a new dataset, to be read side by side.
 *
 * @param format of the file with the values
 */
record Inputs(
        DatasetFormat format,
        Rows values,
        @Nullable CodeRows labels,
        @Nullable CodeRows groups,
        @Nullable Rows mask) implements Closeable {

    /**
     * Compares what is known before anything is read.
     *
     * @throws Problem {@code INVALID} naming the part that has more or fewer rows
     */
    void requireSameCounts() {
        requireSameCount(NewDataset.LABELS, labels == null ? -1 : labels.count());
        requireSameCount(NewDataset.GROUPS, groups == null ? -1 : groups.count());
        requireSameCount(NewDataset.MASK, mask == null ? -1 : mask.count());
        requireOnce(NewDataset.LABELS, values.hasLabels() && labels != null);
        requireOnce(NewDataset.GROUPS, values.hasGroups() && groups != null);
    }

    private void requireSameCount(String part, long count) {
        if (count >= 0 && values.count() >= 0 && count != values.count()) {
            throw Problem.invalid(part, "%s has %d rows, file has %d".formatted(part, count, values.count()));
        }
    }

    private void requireOnce(String part, boolean twice) {
        if (twice) {
            throw Problem.invalid(part, "%s are told twice: by file, and by a part of their own".formatted(part));
        }
    }

    @Override
    public void close() throws IOException {
        for (Closeable each : new Closeable[] {values, labels, groups, mask}) {
            if (each != null) {
                each.close();
            }
        }
    }
}
