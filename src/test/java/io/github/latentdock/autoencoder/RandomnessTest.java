package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.autoencoder.Randomness.Purpose;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomnessTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 1000})
    void anOrderHasEveryExampleOnce(int n) {
        int[] order = new Randomness(3).order(n, 5);
        Arrays.sort(order);

        assertThat(order).isEqualTo(IntStream.range(0, n).toArray());
    }

    /** Chi-squared of 24 000 orders of four examples: with 23 degrees of freedom more than 55 has a chance of 2 in 10 000. */
    @Test
    void allOrdersAreEquallyLikely() {
        int draws = 24_000;
        Map<String, Integer> counts = new HashMap<>();
        for (int epoch = 0; epoch < draws; epoch++) {
            counts.merge(Arrays.toString(new Randomness(11).order(4, epoch)), 1, Integer::sum);
        }
        assertThat(counts).hasSize(24);
        assertThat(chiSquared(
                        counts.values().stream().mapToInt(Integer::intValue).toArray(), draws / 24.0))
                .isLessThan(55);
    }

    /** The same over seeds, which people number. */
    @Test
    void ordersOfNeighbouringSeedsHaveNothingInCommon() {
        int draws = 24_000;
        int[] first = new int[24];
        for (int seed = 0; seed < draws; seed++) {
            first[new Randomness(seed).order(24, 0)[0]]++;
        }
        assertThat(chiSquared(first, draws / 24.0)).isLessThan(55);
    }

    private static double chiSquared(int[] counts, double expected) {
        double sum = 0;
        for (int count : counts) {
            sum += (count - expected) * (count - expected) / expected;
        }
        return sum;
    }

    /** A hundred thousand moments of every purpose for some seeds, one after the other: no two generators begin alike. */
    @Test
    void noTwoPurposesOrMomentsOrSeedsShareAGenerator() {
        Set<List<Long>> beginnings = new HashSet<>();
        int generators = 0;
        for (long seed : new long[] {0, 1, 2, -1, 7, Long.MAX_VALUE}) {
            for (Purpose purpose : Purpose.values()) {
                for (int moment = -1; moment < 5000; moment++) {
                    var random = new Randomness(seed).of(purpose, moment);
                    beginnings.add(List.of(random.nextLong(), random.nextLong()));
                    generators++;
                }
            }
        }
        assertThat(beginnings).hasSize(generators);
    }

    /** What follows from a moment and from the next one, of 20 000 pairs: the standard error of a correlation is 0.007. */
    @Test
    void neighbouringMomentsAreUncorrelated() {
        int n = 20_000;
        double sum = 0;
        var randomness = new Randomness(1);
        for (int moment = 0; moment < n; moment++) {
            sum += randomness.of(Purpose.STEP, moment).nextGaussian()
                    * randomness.of(Purpose.STEP, moment + 1).nextGaussian();
        }
        assertThat(sum / n).isCloseTo(0, within(0.035));
    }

    @Test
    void theSameSeedPurposeAndMomentGiveTheSameNumbers() {
        assertThat(new Randomness(9).of(Purpose.STEP, 4).longs(10).toArray())
                .isEqualTo(new Randomness(9).of(Purpose.STEP, 4).longs(10).toArray());
        assertThat(new Randomness(9).order(100, 4)).isEqualTo(new Randomness(9).order(100, 4));
    }
}
