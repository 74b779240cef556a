package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {

    static {
        SingleThread.use();
    }

    /** It would be drawn to a variance of 1, whatever the data are measured in. */
    @ParameterizedTest
    @ValueSource(strings = {"adamw", "adam", "sgd"})
    void aLearnedVarianceOfTheLikelihoodDoesNotDecay(String type) {
        Optimizer optimizer = Trainings.read(
                "{'type': '%s', 'weightDecay': 0.5, 'learningRate': 0.1, 'clip': 1}".formatted(type), Optimizer.class);
        try (NDManager manager = NDManager.newBaseManager()) {
            var values = new LinkedHashMap<String, NDArray>();
            values.put(ObjectiveScript.LOG_VARIANCE, manager.full(new Shape(), 3f));
            values.put("decoder.0.weight", manager.full(new Shape(2), 3f));
            try (var parameters = new Parameters(values, optimizer, manager, null)) {
                parameters.step(manager, 0.1, 1, List.of(manager.zeros(new Shape()), manager.zeros(new Shape(2))));
            }
            List<NDArray> after = List.copyOf(values.values());
            assertThat(after.getFirst().getFloat()).isEqualTo(3);
            float decayed = type.equals("adam") ? 2.9f : 3 - 0.1f * 0.5f * 3;
            assertThat(after.getLast().toFloatArray()).containsExactly(new float[] {decayed, decayed}, within(1e-5f));
        }
    }
}
