package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CodesTest {

    /** A training's codes are in the order of its file, which may be one class after the other. */
    @Test
    void startPointsComeFromAllCodes() {
        float[][] given = new float[5000][];
        Arrays.setAll(given, k -> new float[] {k, 0, 0});
        try (var model = TorchScript.load(
                        Path.of("src/test/resources/torchscript/affine"), Kind.AD, new Shape(8), new Shape(3));
                var codes = new Codes(model, new Shapes(new Shape(8), new Shape(3)), given, 64)) {
            assertThat(codes.size()).isEqualTo(1024);
            assertThat(codes.code(0)[0]).isZero();
            assertThat(codes.code(1022)[0]).isGreaterThan(4990);
            assertThat(codes.code(1023)[0]).as("the mean").isBetween(2490f, 2500f);
        }
    }
}
