package io.github.latentdock.tensor;

import static io.github.latentdock.tensor.Tensors.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.latentdock.problem.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireFormatTest {

    @ParameterizedTest
    @CsvSource({
        "application/octet-stream, RAW",
        "application/x-npy, NPY",
        "image/png, PNG",
        "image/jpeg, JPEG",
        "Image/PNG; charset=binary, PNG"
    })
    void aContentTypeNamesItsFormat(String contentType, WireFormat format) {
        assertThat(WireFormat.of(contentType)).isEqualTo(format);
    }

    @Test
    void anUnknownContentTypeIsRefusedWithTheKnownOnes() {
        assertProblem(
                Fault.UNSUPPORTED_CONTENT,
                "tensors are not read from image/gif; besides JSON there are"
                        + " application/octet-stream, application/x-npy, image/png, image/jpeg",
                () -> WireFormat.of("image/gif"));
    }

    @Test
    void rowsOfAnyShapeFitIntoFormatsOfNumbers() {
        assertThatCode(() -> {
                    WireFormat.RAW.requireRowShape(32);
                    WireFormat.NPY.requireRowShape(5, 4, 3, 2);
                })
                .doesNotThrowAnyException();
    }

    @Test
    void whatIsNoPictureHasNoMask() {
        assertThat(WireFormat.RAW.payload(new byte[4]).observed("instances", new int[] {1}, false))
                .isEmpty();
    }
}
