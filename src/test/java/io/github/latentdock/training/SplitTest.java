package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.training.DatasetExamples.Split;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {

    private static final String ID = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    @Test
    void theSameDataAreHeldOutInEveryTraining() {
        assertThat(Split.order(ID, 1000))
                .containsExactly(Split.order(ID, 1000))
                .isNotEqualTo(Split.order(ID.replace("9f", "00"), 1000));
    }

    @Test
    void everyRowIsOnOneSide() {
        assertThat(Split.order(ID, 1000))
                .containsExactlyInAnyOrder(IntStream.range(0, 1000).toArray());
    }

    /** Of 100 out of 1000 rows, 10 of every hundred are expected; fewer than 2 or more than 23 of any has p < 0.001. */
    @Test
    void whatIsHeldOutComesFromEverywhere() {
        int[] order = Split.order(ID, 1000);
        for (int hundred = 0; hundred < 10; hundred++) {
            int of = hundred;
            assertThat(IntStream.of(order).limit(100).filter(row -> row / 100 == of))
                    .hasSizeBetween(2, 23);
        }
    }
}
