package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Worked out by hand. */
class TrainingMemoryTest {

    private static final String ADAM = "{'type': 'adam'}";

    @Test
    void countsWeightsWithWhatTheOptimiserKeepsAndWhatEveryLayerGives() {
        TrainingMemory memory =
                memory("{'type': 'ae'}", "{'preset': 'mlp', 'hidden': [10], 'latent': 3}", ADAM, 7, 1000, 0, 20);

        // 20 -> 10 -> 3 -> 10 -> 20, with a ReLU behind each hidden layer and a sigmoid at the end.
        long weights = 20 * 10 + 10 + 10 * 3 + 3 + 3 * 10 + 10 + 10 * 20 + 20;
        assertThat(memory.parameters()).isEqualTo(weights);
        assertThat(memory.weights()).isEqualTo(4 * 7 * weights);
        assertThat(memory.codes()).isZero();
        assertThat(memory.batch()).isEqualTo(4 * 8 * (4 * 20 + 4 * 3 + 2 * (10 + 10 + 3 + 10 + 10 + 20 + 20)));
        // Ten codes, and as doubles for the densities.
        assertThat(memory.kept()).isEqualTo(10 * 3 * (4 + 8));
        // Three of them, and sixteen more to find them with, to compare with.
        assertThat(memory.components()).isEqualTo(3 * 4 * 20 * (3 + 16));
        assertThat(memory.bytes()).isEqualTo(memory.weights() + memory.batch() + memory.kept() + memory.components());
    }

    @Test
    void countsTheComponentsThatCodesBeginWith() {
        String network = "{'preset': 'mlp', 'hidden': [10], 'latent': 2000}";
        TrainingMemory few = memory("{'type': 'ad'}", network, ADAM, 7, 5, 0, 20_000);
        TrainingMemory many = memory("{'type': 'ad'}", network, ADAM, 7, 150_000, 0, 20_000);

        assertThat(few.components()).isEqualTo(3 * 4 * 20_000 * (5 + 16));
        assertThat(many.components()).isEqualTo(3L * 4 * 20_000 * (2000 + 16));
        assertThat(many.bytes())
                .isEqualTo(many.weights() + many.codes() + many.batch() + many.kept() + many.components());
        for (TrainingMemory none : List.of(
                memory("{'type': 'ad', 'codes': 'random'}", network, ADAM, 7, 150_000, 0, 20_000),
                memory("{'type': 'ad'}", network, ADAM, 7, 150_000, 1, 20_000))) {
            assertThat(none.components()).isZero();
        }
    }

    @Test
    void countsFeatureMapsAndCodesAndNoMoreRowsThanThereAre() {
        TrainingMemory memory = memory(
                "{'type': 'vad'}",
                "{'preset': 'conv', 'hidden': [5], 'latent': 3}",
                "{'type': 'sgd'}",
                64,
                9,
                11,
                1,
                4,
                4);

        // 3 -> 20 as [5, 2, 2] -> [1, 4, 4]
        long weights = 3 * 20 + 20 + 5 * 4 * 4 + 1;
        assertThat(memory.weights()).isEqualTo(4 * (3 + 1) * weights);
        assertThat(memory.codes()).isEqualTo(2 * 4 * (7 * (9 + 11) + 11) * 3);
        assertThat(memory.batch()).isEqualTo(4 * 9 * (4 * 16 + 4 * 3 + 2 * (20 + 20 + 16 + 16)));
    }

    @Test
    void numbersThatAreTooLargeForAnyMemoryDoNotOverflow() {
        int wide = 1 << 24;
        Map<String, List<Map<String, Object>>> declaration = Map.of(
                "decoder",
                List.of(
                        Map.of("type", "Linear", "in_features", 1, "out_features", wide),
                        Map.of("type", "Linear", "in_features", wide, "out_features", wide),
                        Map.of("type", "Linear", "in_features", wide, "out_features", 1)));
        Network network = Network.parse(declaration, Kind.AD, new int[] {1}, new int[] {1});
        TrainingSettings settings =
                Trainings.settings(Trainings.objective("{'type': 'ad'}"), ADAM, 1, Integer.MAX_VALUE, null);

        TrainingMemory memory = TrainingMemory.of(network, settings, Long.MAX_VALUE, 1, Long.MAX_VALUE);

        assertThat(memory.weights()).isEqualTo(Long.MAX_VALUE);
        assertThat(memory.codes()).isEqualTo(Long.MAX_VALUE);
        assertThat(memory.kept()).isEqualTo(Long.MAX_VALUE);
        assertThat(memory.bytes()).isEqualTo(Long.MAX_VALUE);
    }

    private static TrainingMemory memory(
            String objective, String network, String optimizer, int batch, long examples, long old, int... shape) {
        Objective read = Trainings.objective(objective);
        Network declared = Trainings.read(network, NetworkPlan.class)
                .declare(read, shape, true)
                .network();
        return TrainingMemory.of(declared, Trainings.settings(read, optimizer, 1, batch, null), examples, old, 10);
    }
}
