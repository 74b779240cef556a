package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnitBallTest {

    /** Else a training that is resumed, whose codes are cut once more, would not go on as it was. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 32, 200})
    void whatWasCutIsNotCutAgain(int size) {
        float[] latents = TestExamples.normal(size * 20_000, size);
        UnitBall.shorten(latents, size);
        float[] again = latents.clone();
        UnitBall.shorten(again, size);

        assertThat(again).isEqualTo(latents);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 32})
    void keepsTheDirectionAndWhatIsInside(int size) {
        float[] latents = TestExamples.normal(size * 1000, size);
        float[] cut = latents.clone();
        UnitBall.shorten(cut, size);

        for (int from = 0; from < latents.length; from += size) {
            float[] before = Arrays.copyOfRange(latents, from, from + size);
            double length = Math.max(1, Math.sqrt(Observations.squaredNorm(before)));
            for (int j = 0; j < size; j++) {
                assertThat((double) cut[from + j]).isCloseTo(before[j] / length, within(2e-5));
            }
        }
    }
}
