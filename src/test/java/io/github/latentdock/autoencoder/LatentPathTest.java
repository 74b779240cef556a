package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LatentPathTest {

    private static final float[] EAST = {2, 0, 0};
    private static final float[] NORTH = {0, 2, 0};

    @ParameterizedTest
    @EnumSource
    void theEndsAreExact(LatentPath path) {
        float[] from = {0.1f, -0.7f, 1e-30f};
        float[] to = {3.3f, 1e20f, -0.3f};
        float[] points = path.points(from, to, 2);
        assertThat(points).containsExactly(0.1f, -0.7f, 1e-30f, 3.3f, 1e20f, -0.3f);
    }

    @Test
    void theStraightLineIsStraight() {
        assertThat(LatentPath.LINEAR.points(new float[] {0, 4}, new float[] {2, 0}, 5))
                .containsExactly(0, 4, 0.5f, 3, 1, 2, 1.5f, 1, 2, 0);
    }

    @Property(tries = 100)
    void theArcTurnsEvenlyAtTheSameLength(@ForAll @DoubleRange(min = 0, max = 1) double t) {
        float angle = (float) (t * Math.PI / 2);
        assertThat(LatentPath.SPHERICAL.at(EAST, NORTH, t))
                .containsExactly(
                        new float[] {2 * (float) Math.cos(angle), 2 * (float) Math.sin(angle), 0}, within(1e-6f));
    }

    @Test
    void unequalLengthsAreWeightedLikeEqualOnes() {
        // White 2016: sin((1 - t) w) / sin w and sin(t w) / sin w of the vectors as they are; here both are sin 45
        // degrees.
        float half = (float) Math.sqrt(0.5);
        assertThat(LatentPath.SPHERICAL.at(new float[] {1, 0}, new float[] {0, 3}, 0.5))
                .containsExactly(new float[] {half, 3 * half}, within(1e-6f));
    }

    @Property(tries = 100)
    void vectorsOnOneLineGoStraight(
            @ForAll @DoubleRange(min = -3, max = 3) double factor, @ForAll @DoubleRange(min = 0, max = 1) double t) {
        float[] from = {0.3f, -1.7f, 2.9f};
        float[] to = {(float) (factor * from[0]), (float) (factor * from[1]), (float) (factor * from[2])};
        assertThat(LatentPath.SPHERICAL.at(from, to, t))
                .containsExactly(LatentPath.LINEAR.at(from, to, t), within(1e-6f));
    }

    @Test
    void fromZeroItGoesStraight() {
        assertThat(LatentPath.SPHERICAL.at(new float[3], NORTH, 0.25)).containsExactly(0, 0.5f, 0);
    }

    @Test
    void anArcOfASmallAngleJoinsTheStraightLine() {
        // Just above the bound, where a cosine near 1 would have lost the angle.
        assertThat(LatentPath.SPHERICAL.at(new float[] {1, 0}, new float[] {1, 1.1e-5f}, 0.5))
                .containsExactly(new float[] {1, 5.5e-6f}, within(1e-10f));
    }

    @Test
    void endsOfDifferentLengthAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LatentPath.LINEAR.points(new float[2], new float[3], 4))
                .withMessage("a path from 2 values to 3 has no middle");
    }

    @Test
    void oneStepIsNoPath() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LatentPath.SPHERICAL.points(EAST, NORTH, 1))
                .withMessageContaining("at least 2 steps");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, 1.01, Double.NaN})
    void aPathEndsAtItsEnds(double t) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LatentPath.LINEAR.at(EAST, NORTH, t))
                .withMessageContaining("t is " + t);
    }
}
