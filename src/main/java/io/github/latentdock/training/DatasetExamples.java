package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Examples;
import io.github.latentdock.dataset.Dataset;
import io.github.latentdock.dataset.DatasetReader;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Some rows of a dataset, as examples to learn from or to judge by. Where a dataset has no groups, its labels are taken for them. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record DatasetExamples(Dataset dataset, DatasetReader reader, int[] rows) implements Examples {

    /**
     * What is trained on, and what is held out. Which is which depends on the data alone: else a version that goes on from another
     * would be judged by what that one was trained on, and two versions by different examples. A smaller share is part of a larger.
     */
    record Split(DatasetExamples training, DatasetExamples held) {

        static Split of(Dataset dataset, DatasetReader reader, double heldOut) {
            int[] rows = order(dataset.id(), reader.count());
            int held = held(rows.length, heldOut);
            // In the order of the file, which is the order in which it is read fastest.
            int[] judged = Arrays.copyOf(rows, held);
            int[] trained = Arrays.copyOfRange(rows, held, rows.length);
            Arrays.sort(trained);
            return new Split(
                    new DatasetExamples(dataset, reader, trained), new DatasetExamples(dataset, reader, judged));
        }

        /** All rows, shuffled; the first ones are held out. */
        static int[] order(String id, int count) {
            long seed = Long.parseUnsignedLong(id, 0, 16, 16);
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            int[] rows = new int[count];
            for (int i = 0; i < rows.length; i++) {
                int j = random.nextInt(i + 1);
                rows[i] = rows[j];
                rows[j] = i;
            }
            return rows;
        }

        /** How many of so many rows are held out. */
        static int held(int rows, double fraction) {
            return (int) Math.round(fraction * rows);
        }
    }

    @Override
    public int count() {
        return rows.length;
    }

    @Override
    public int[] shape() {
        return reader.shape();
    }

    @Override
    public float low() {
        return dataset.range() == null
                ? Float.NEGATIVE_INFINITY
                : dataset.range().low();
    }

    @Override
    public float high() {
        return dataset.range() == null
                ? Float.POSITIVE_INFINITY
                : dataset.range().high();
    }

    @Override
    public void values(int row, float[] into, int offset) {
        reader.values(rows[row], into, offset);
    }

    @Override
    public boolean hasMask() {
        return reader.hasMask();
    }

    @Override
    public void mask(int row, float[] into, int offset) {
        reader.mask(rows[row], into, offset);
    }

    @Override
    public boolean hasGroups() {
        return reader.hasGroups() || reader.hasLabels();
    }

    @Override
    public int group(int row) {
        return reader.hasGroups() ? reader.group(rows[row]) : reader.label(rows[row]);
    }
}
