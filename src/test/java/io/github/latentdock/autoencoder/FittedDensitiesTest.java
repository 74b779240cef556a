package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FittedDensitiesTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 5, LatentDensity.MOST_CORRELATED + 1})
    void areTheSameAfterTheyWereWrittenAndRead(int size) {
        float[] codes = SeededNoise.standardNormal(0, 200, size, 3);
        FittedDensities fitted = FittedDensities.fit(codes, size, Wanted.ALWAYS);
        Path file = folder.resolve(FittedDensities.FILE);
        fitted.write(file);

        FittedDensities read = FittedDensities.read(file, size);
        assertClose(read.gaussian().sample(20, 1, 7), fitted.gaussian().sample(20, 1, 7));
        assertClose(read.mixture().sample(20, 1, 7), fitted.mixture().sample(20, 1, 7));
        assertThat(read.mixture().logDensity(codes)[0])
                .isCloseTo(fitted.mixture().logDensity(codes)[0], within(1e-3 * size));
    }

    @Test
    void ofLatentsOfAnotherSizeAreRefused() {
        Path file = folder.resolve(FittedDensities.FILE);
        FittedDensities.fit(SeededNoise.standardNormal(0, 50, 3, 3), 3, Wanted.ALWAYS)
                .write(file);

        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> FittedDensities.read(file, 4))
                .withMessageContaining("gaussian.means is missing, or has not 4 values a row");
    }

    /** What is written is rounded to float32. */
    private static void assertClose(float[] given, float[] expected) {
        assertThat(given).containsExactly(expected, within(2e-5f));
    }
}
