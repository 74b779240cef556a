package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GroupOrderTest {

    private static final int BATCH = 32;

    /** 600 examples in groups of three: in a plain shuffle, one in twenty would have another of its group in its batch. */
    @Test
    void theMembersOfSmallGroupsFollowEachOther() {
        int[] order = order(600, 200);

        for (int from = 0; from < order.length; from += 3) {
            assertThat(order[from] * 7 % 200)
                    .isEqualTo(order[from + 1] * 7 % 200)
                    .isEqualTo(order[from + 2] * 7 % 200);
        }
    }

    /** Four at a time, an eighth of a batch: 8 parts a batch, of which two may be the same group's. */
    @Test
    void largeGroupsComeInPartsSoThatABatchHasMoreThanOne() {
        int[] order = order(4000, 10);

        for (int from = 0; from + BATCH <= order.length; from += BATCH) {
            Set<Integer> groups = new HashSet<>();
            for (int i = from; i < from + BATCH; i++) {
                groups.add(order[i] * 7 % 10);
            }
            assertThat(groups.size()).isGreaterThan(4);
        }
    }

    @Test
    void everyExampleComesOnce() {
        assertThat(order(601, 60))
                .containsExactlyInAnyOrder(IntStream.range(0, 601).toArray());
    }

    @Test
    void epochsDiffer() {
        Examples examples = TestExamples.patterns(60, 1, 2).grouped(12);
        var randomness = new Randomness(7);

        assertThat(GroupOrder.of(examples, randomness.order(60, 0), BATCH))
                .isNotEqualTo(GroupOrder.of(examples, randomness.order(60, 1), BATCH));
    }

    private static int[] order(int count, int groups) {
        Examples examples = TestExamples.patterns(count, 1, 2).grouped(groups);
        int[] order = GroupOrder.of(examples, new Randomness(7).order(count, 0), BATCH);
        assertThat(Arrays.stream(order).map(row -> examples.group(row)).toArray())
                .isEqualTo(Arrays.stream(order).map(row -> row * 7 % groups).toArray());
        return order;
    }
}
