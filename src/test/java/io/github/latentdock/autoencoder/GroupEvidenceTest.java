package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class GroupEvidenceTest {

    /** Latents of two values, of which the first is the group's. */
    private static final float[] MEAN = {1, 10, 4, 20, -2, 30};

    private static final float[] LOG_VARIANCE = {0, 0.5f, (float) Math.log(0.5), 0.25f, 1, 0.125f};

    @Test
    void isTheProductOfTheMembersGaussians() {
        GroupEvidence evidence = GroupEvidence.accumulate(MEAN, LOG_VARIANCE, 2, 1, List.of(7, 7, 3));

        // Precisions 1 and 2: the mean (1 * 1 + 2 * 4) / 3, the variance 1 / 3.
        assertThat(evidence.mean()).containsExactly(new float[] {3, 10, 3, 20, -2, 30}, within(1e-6f));
        float third = (float) Math.log(1 / 3.0);
        assertThat(evidence.logVariance())
                .containsExactly(new float[] {third, 0.5f, third, 0.25f, 1, 0.125f}, within(1e-6f));
    }

    @Test
    void leavesWhoIsAloneAsItIs() {
        GroupEvidence evidence = GroupEvidence.accumulate(MEAN, LOG_VARIANCE, 2, 1, List.of(0, 1, 2));

        assertThat(evidence.mean()).containsExactly(MEAN, within(1e-6f));
        assertThat(evidence.logVariance()).containsExactly(LOG_VARIANCE, within(1e-6f));
    }

    @Test
    void doesNotOverflow() {
        float[] certain = {-2000, 0, -2000, 0, 2000, 0};

        GroupEvidence evidence = GroupEvidence.accumulate(MEAN, certain, 2, 1, List.of(7, 7, 3));

        assertThat(evidence.mean()).containsExactly(new float[] {2.5f, 10, 2.5f, 20, -2, 30}, within(1e-6f));
        float half = (float) (-2000 - Math.log(2));
        assertThat(evidence.logVariance()).containsExactly(new float[] {half, 0, half, 0, 2000, 0}, within(1e-3f));
    }
}
