package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorQuantilesTest {

    private static final ErrorQuantiles QUANTILES =
            ErrorQuantiles.of(Map.of("0", 1.0, "0.5", 2.0, "0.9", 4.0, "1", 14.0));

    @ParameterizedTest
    @CsvSource({"0.2, 0", "1, 0", "1.5, 0.25", "2, 0.5", "3, 0.7", "9, 0.95", "14, 1", "1e9, 1"})
    void anErrorLiesBetweenTheQuantilesAroundIt(double error, double quantile) {
        assertThat(QUANTILES.quantileOf(error)).isCloseTo(quantile, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"0, 14", "0.05, 9", "0.1, 4", "0.5, 2", "1, 1"})
    void aThresholdLetsTheShareOfFalseAlarmsThrough(double rate, double threshold) {
        assertThat(QUANTILES.threshold(rate)).isCloseTo(threshold, within(1e-12));
    }

    @Property(tries = 200)
    void quantileAndThresholdUndoEachOther(@ForAll @DoubleRange(min = 0, max = 1) double rate) {
        assertThat(QUANTILES.quantileOf(QUANTILES.threshold(rate))).isCloseTo(1 - rate, within(1e-12));
    }

    @Property(tries = 200)
    void aLargerErrorHasNoSmallerQuantile(
            @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = 0, max = 2) Double> errors,
            @ForAll @DoubleRange(min = 0, max = 3) double one,
            @ForAll @DoubleRange(min = 0, max = 3) double other) {
        ErrorQuantiles quantiles = ErrorQuantiles.measure(
                errors.stream().mapToDouble(Double::doubleValue).toArray());
        assertThat(quantiles.quantileOf(Math.max(one, other)))
                .isBetween(quantiles.quantileOf(Math.min(one, other)), 1.0);
    }

    @Test
    void measuredQuantilesAreNumPys() {
        double[] errors = IntStream.range(0, 11)
                .mapToDouble(i -> (i * 7 % 11) * (i * 7 % 11))
                .toArray();
        // numpy.quantile(numpy.arange(11) ** 2, [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1])
        assertThat(ErrorQuantiles.measure(errors).toMap().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray())
                .containsExactly(new double[] {0, 0.1, 0.5, 1, 6.5, 25, 56.5, 81, 90.5, 98.1, 100}, within(1e-12));
    }

    @Test
    void theyAreWrittenAsTheyAreRead() {
        var written = new LinkedHashMap<String, Double>();
        Arrays.asList("0", "0.5", "0.9", "1")
                .forEach(p -> written.put(p, QUANTILES.threshold(1 - Double.parseDouble(p))));
        assertThat(QUANTILES.toMap()).containsExactlyEntriesOf(written);
    }

    @Test
    void ofManyEqualErrorsAllAreNotLarger() {
        assertThat(ErrorQuantiles.measure(new double[] {3, 3, 3, 3}).quantileOf(3))
                .isEqualTo(1);
    }

    @Test
    void aFalseAlarmRateBeyondTheKnownQuantilesIsRefused() {
        ErrorQuantiles upTo95 = ErrorQuantiles.of(Map.of("0.05", 1.0, "0.95", 2.0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> upTo95.threshold(0.01))
                .withMessage("a false-alarm rate of 0.01 needs the quantile 0.99, known are 0.05 to 0.95");
    }

    @Test
    void quantilesThatFallAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ErrorQuantiles.of(Map.of("0.1", 2.0, "0.5", 1.0)))
                .withMessage("error quantile 0.5 is 1.0, it must be finite and at least 2.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"median", "-0.1", "1.5", "NaN", ""})
    void whatIsNoProbabilityIsNamed(String probability) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ErrorQuantiles.of(Map.of("0.1", 2.0, probability, 3.0)))
                .withMessage("error quantile '" + probability + "' is no probability between 0 and 1");
    }

    @Test
    void oneProbabilityWrittenTwiceIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ErrorQuantiles.of(Map.of("0.5", 2.0, "0.50", 3.0)))
                .withMessageContaining("is given twice");
    }

    @Test
    void nanHasNoQuantile() {
        assertThatIllegalArgumentException().isThrownBy(() -> QUANTILES.quantileOf(Double.NaN));
    }
}
