package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.autoencoder.Objective.Ad;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every objective against the equations, computed by PyTorch in float64. */
class ObjectiveScriptTest {

    static {
        SingleThread.use();
    }

    /** Of the largest value of an array: a few hundred of float32's roundings, 6e-8, add up on the way through a network. */
    private static final double RELATIVE = 1e-5;

    private static final List<GoldenObjective> ALL = GoldenObjective.all();

    private static final Map<String, ObjectiveRun> RUNS = new TreeMap<>();

    static List<GoldenObjective> objectives() {
        return ALL;
    }

    /** Without those of absolute values, and without convolutions: what a layer's gradient is has been told elsewhere. */
    static Stream<GoldenObjective> smoothObjectives() {
        return objectives().stream()
                .filter(golden -> golden.name().contains("-mlp"))
                .filter(golden -> !(golden.objective() instanceof Ad ad && ad.loss() != Objective.Loss.SQUARED));
    }

    private static ObjectiveRun trained(GoldenObjective golden) {
        return RUNS.computeIfAbsent(golden.name(), ignored -> ObjectiveRun.of(golden, true));
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void losesWhatTheEquationsSay(GoldenObjective golden) {
        trained(golden).results().forEach((name, loss) -> assertClose(loss, golden.values(name)));
    }

    /** A float32 holds no precision of exp(200). */
    @Test
    void aGroupWhoseMembersAreVeryCertainSpoilsNoOther() {
        GoldenObjective golden = GoldenObjective.named("ml-vae-mlp");
        Map<String, float[]> certain = Map.of("weights/log_variance.0.bias", new float[] {-200, 200, 0, 0});

        ObjectiveRun judged = ObjectiveRun.of(golden, false, certain);
        ObjectiveRun learning =
                ObjectiveRun.of(golden, true, Map.of("weights/log_variance.0.bias", new float[] {-200, 0, 0, 0}));

        for (float loss : Objects.requireNonNull(judged.results().get("recon_per_example"))) {
            assertThat(loss).isNotNaN();
        }
        learning.gradients().forEach((key, gradient) -> {
            for (float value : gradient) {
                assertThat(value).as(key).isFinite();
            }
        });
    }

    @Test
    void hasOnlyTheCodesGradientWhereLayersAreFrozen() {
        GoldenObjective golden = ALL.stream()
                .filter(one -> one.objective() instanceof Ad)
                .findFirst()
                .orElseThrow();
        var frozen = new ObjectiveScript(golden.objective(), golden.network(), golden.masked(), true, false);

        assertThat(frozen.learned()).isEmpty();
        assertThat(frozen.source()).contains("torch.grad([").contains("], [code])");
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void hasPyTorchsGradientsOfAllThatIsLearned(GoldenObjective golden) {
        Map<String, float[]> gradients = trained(golden).gradients();
        Map<String, float[]> expected = new TreeMap<>();
        golden.arrays().forEach((key, values) -> {
            if (key.startsWith("gradient/")) {
                expected.put(key.substring("gradient/".length()), values.values());
            }
        });
        assertThat(gradients).containsOnlyKeys(expected.keySet());
        // One scale for all of a network: a bias before a batch normalisation has a gradient of 0, and noise around it.
        double largest = expected.values().stream()
                .mapToDouble(ObjectiveScriptTest::largest)
                .max()
                .orElseThrow();
        expected.forEach((key, values) -> {
            double scale = largest(values) < 1e-6 * largest ? largest : largest(values);
            assertClose(Objects.requireNonNull(gradients.get(key)), values, scale);
        });
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void collectsTheStatisticsOfTheBatch(GoldenObjective golden) {
        trained(golden).statistics().forEach((key, values) -> assertClose(values, golden.values("after/" + key)));
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void tellsWhatEveryExampleLosesWhereNothingIsLearned(GoldenObjective golden) {
        ObjectiveRun run = ObjectiveRun.of(golden, false);
        assertThat(run.results()).hasSize(2);
        run.results().forEach((name, losses) -> assertClose(losses, golden.values(name)));
        run.statistics().forEach((key, values) -> assertThat(values).isEqualTo(golden.values("weights/" + key)));
    }

    /**
     * The derivative along the gradient, which is the gradient's length, by central differences. A step of 0.01 errs by 1e-4 for
     * the third derivative and 1e-4 for float32's rounding of a loss of about 10, divided by the step; a kink that is crossed
     * costs that value's share. So 1 %.
     */
    @ParameterizedTest
    @MethodSource("smoothObjectives")
    void hasTheGradientOfItsFiniteDifferences(GoldenObjective golden) {
        Map<String, float[]> gradients = trained(golden).gradients();
        double length = Math.sqrt(gradients.values().stream()
                .mapToDouble(ObjectiveScriptTest::squaredNorm)
                .sum());
        double step = 0.01;
        double slope =
                (along(golden, gradients, step / length) - along(golden, gradients, -step / length)) / (2 * step);

        assertThat(slope).isCloseTo(length, within(0.01 * length));
    }

    private static double along(GoldenObjective golden, Map<String, float[]> gradients, double scale) {
        Map<String, float[]> moved = new TreeMap<>();
        gradients.forEach((key, gradient) -> {
            String name = key.startsWith("code") ? key : "weights/" + key;
            float[] values = golden.values(name).clone();
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (scale * gradient[i]);
            }
            moved.put(name, values);
        });
        return Objects.requireNonNull(
                ObjectiveRun.of(golden, true, moved).results().get("loss"))[0];
    }

    @Test
    void whatIsMissingIsNeverRead() {
        for (GoldenObjective golden : objectives()) {
            if (golden.masked() && golden.objective().kind() == Kind.AD) {
                float[] target = golden.values("target").clone();
                float[] mask = golden.values("mask");
                for (int i = 0; i < target.length; i++) {
                    target[i] = mask[i] == 0 ? 0.75f : target[i];
                }
                float[] loss = ObjectiveRun.of(golden, true, Map.of("target", target))
                        .results()
                        .get("loss");
                assertThat(loss).isEqualTo(trained(golden).results().get("loss"));
            }
        }
    }

    @Test
    void everyObjectiveIsComparedWithAndWithoutConvolutions() {
        Set<String> compared = new TreeSet<>();
        for (GoldenObjective golden : objectives()) {
            compared.add("%s %s"
                    .formatted(
                            golden.objective().getClass().getSimpleName(),
                            golden.network().inputShape().length == 3
                                    && golden.network().weights().keySet().stream()
                                            .anyMatch(key -> key.contains("running"))));
        }
        assertThat(compared)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Objective.class.getPermittedSubclasses())
                        .flatMap(ObjectiveScriptTest::leaves)
                        .flatMap(type -> Stream.of(type.getSimpleName() + " true", type.getSimpleName() + " false"))
                        .collect(Collectors.toSet()));
    }

    private static Stream<Class<?>> leaves(Class<?> type) {
        List<Class<?>> leaves = new ArrayList<>();
        if (type.isRecord()) {
            leaves.add(type);
        } else {
            Arrays.stream(type.getPermittedSubclasses())
                    .flatMap(ObjectiveScriptTest::leaves)
                    .forEach(leaves::add);
        }
        return leaves.stream();
    }

    private static double squaredNorm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum;
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static void assertClose(float[] given, float[] expected) {
        assertClose(given, expected, largest(expected));
    }

    private static void assertClose(float[] given, float[] expected, double scale) {
        assertThat(given).hasSameSizeAs(expected);
        for (int i = 0; i < given.length; i++) {
            assertThat((double) given[i]).isCloseTo(expected[i], within(RELATIVE * scale));
        }
    }
}
