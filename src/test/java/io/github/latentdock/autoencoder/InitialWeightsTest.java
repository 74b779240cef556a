package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Weights before training against what PyTorch drew in 200 layers; made by {@code src/test/python/golden_initial.py}. */
class InitialWeightsTest {

    static {
        SingleThread.use();
    }

    private static final int DRAWS = 200;

    @SuppressWarnings("ArrayRecordComponent")
    private record Golden(int[] in, Map<String, Object> layer, Map<String, Drawn> weights) {}

    private record Drawn(double least, double most, double square) {}

    private static final Map<String, Golden> GOLDEN =
            JsonMapper.shared().readValue(Path.of("src/test/resources/golden/initial.json"), new TypeReference<>() {});

    static Iterable<String> layers() {
        return GOLDEN.keySet();
    }

    /**
     * Of a uniform distribution, the largest of n draws is below its bound by a share of 2/n, and the mean of the squares errs by
     * 0.9/sqrt(n) of itself: at least a thousand draws, so 2 % (twice the expected, on either side) and 12 % (three standard errors of
     * the difference of two).
     */
    @ParameterizedTest
    @MethodSource("layers")
    void beginLikePyTorchs(String name) {
        Golden golden = Objects.requireNonNull(GOLDEN.get(name));
        int[] out = Layers.outputShape(
                Layers.read(List.of(golden.layer), new Site("", "", new ArrayList<>()), golden.in),
                golden.in,
                new Site("", "", new ArrayList<>()));
        Network network = Network.parse(
                Map.of("decoder", List.of(golden.layer)), Kind.AD, Objects.requireNonNull(out), golden.in);
        Map<String, List<float[]>> drawn = new LinkedHashMap<>();
        for (int draw = 0; draw < DRAWS; draw++) {
            network.initial(TestExamples.random(draw))
                    .forEach((key, values) -> drawn.computeIfAbsent(key, ignored -> new ArrayList<>())
                            .add(values.values()));
        }
        assertThat(drawn.keySet().stream().map(key -> key.substring("decoder.".length())))
                .containsExactlyInAnyOrderElementsOf(golden.weights.keySet());
        golden.weights.forEach((key, expected) -> {
            double least = Double.MAX_VALUE;
            double most = -Double.MAX_VALUE;
            double squares = 0;
            int count = 0;
            for (float[] values : Objects.requireNonNull(drawn.get("decoder." + key))) {
                for (float value : values) {
                    least = Math.min(least, value);
                    most = Math.max(most, value);
                    squares += (double) value * value;
                    count++;
                }
            }
            assertThat(least).as(key).isCloseTo(expected.least, within(0.02 * Math.abs(expected.least)));
            assertThat(most).as(key).isCloseTo(expected.most, within(0.02 * Math.abs(expected.most)));
            assertThat(squares / count).as(key).isCloseTo(expected.square, within(0.12 * expected.square));
        });
    }
}
