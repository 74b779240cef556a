package io.github.latentdock.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0.000",
        "499, 0.000",
        "500, 0.001",
        "41_000, 0.041",
        "999_500, 1.000",
        "1_730_000, 1.730",
        "61_000_002_000, 61000.002"
    })
    void timesAreToldInMillisecondsWithThreeDecimals(String nanos, String millis) {
        Call call = Parts.patientCall();
        call.ran(Long.parseLong(nanos.replace("_", "")));

        assertThat(call.serverTiming()).isEqualTo("queue;dur=0.000, infer;dur=" + millis);
    }
}
