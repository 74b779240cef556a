package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PyramidTest {

    static {
        SingleThread.use();
    }

    /**
     * A difference of 1 everywhere has no detail: all of it is in the last level, whose values, as many as are left when sides are halved
     * and rounded up, count {@code 4^j} times.
     */
    @ParameterizedTest
    @CsvSource({
        "28, 49, 16", // 28, 14, 7
        "30, 64, 16", // 30, 15, 8
        "31, 64, 16", // 31, 16, 8
        "33, 81, 16", // 33, 17, 9
        "9, 81, 1"
    })
    void leavesNoRowOrColumnOut(int side, int left, int weight) {
        assertThat(loss(side)).isCloseTo(left * weight, within(1e-3));
    }

    private static double loss(int side) {
        Objective objective = Trainings.objective("{'type': 'ad', 'loss': 'laplacian', 'prior': 0}");
        float[] code = new float[side * side];
        Arrays.fill(code, 1);
        var examples = TestExamples.of(new float[side * side], 1, side, side);
        Network network = Trainings.network(
                objective, "{'latent': [1, %1$d, %1$d], 'decoder': [{'type': 'Identity'}]}".formatted(side), examples);
        var script = new ObjectiveScript(objective, network, false, false);
        var picture = new Shape(1, 1, side, side);
        try (NDManager manager = NDManager.newBaseManager();
                var compiled = CompiledScript.compile(script.source(), manager)) {
            var arguments = new NDList();
            script.inputs()
                    .forEach(input -> arguments.add(
                            switch (input) {
                                case CODE -> manager.create(code, picture);
                                case TARGET -> manager.zeros(picture);
                                case BLUR ->
                                    manager.create(Pyramid.filter(1), new Shape(1, 1, Pyramid.SIZE, Pyramid.SIZE));
                                case X, MASK, NOISE, BETA, MEMBERS, CODE_LOG_VARIANCE ->
                                    throw new AssertionError(input);
                            }));
            return compiled.run(arguments).getFirst().getFloat();
        }
    }
}
