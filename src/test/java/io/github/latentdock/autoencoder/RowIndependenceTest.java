package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.autoencoder.RowIndependence.RowFunction;
import org.junit.jupiter.api.Test;

class RowIndependenceTest {

    private static final int WIDTH = 3;

    private static final RowFunction SUMS = block -> {
        float[] sums = new float[block.length / WIDTH];
        for (int i = 0; i < block.length; i++) {
            sums[i / WIDTH] += block[i];
        }
        return sums;
    };

    @Test
    void holdsForWhatLooksAtNothingButTheRow() {
        assertThat(RowIndependence.holds(SUMS, 8, WIDTH)).isTrue();
        assertThat(RowIndependence.agree(SUMS, 8, SUMS, 32, WIDTH)).isTrue();
    }

    /** As a vectorised function whose last numbers are worked out in another way: of one row in four the last bit tells it. */
    private static RowFunction oddInTheLastRow(float share) {
        return block -> {
            float[] sums = SUMS.apply(block);
            int last = sums.length - 1;
            float fraction = Math.abs(sums[last] * 16) % 1;
            sums[last] = fraction < share ? Math.nextUp(sums[last]) : sums[last];
            return sums;
        };
    }

    @Test
    void findsARowThatGoesAnotherWayOnlyForSomeOfItsValues() {
        assertThat(RowIndependence.holds(oddInTheLastRow(0.25f), 8, WIDTH)).isFalse();
        assertThat(RowIndependence.holds(oddInTheLastRow(0.25f), 32, WIDTH)).isFalse();
        assertThat(RowIndependence.agree(SUMS, 8, oddInTheLastRow(0.5f), 32, WIDTH))
                .isFalse();
    }
}
