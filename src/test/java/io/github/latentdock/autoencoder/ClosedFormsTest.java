package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.autoencoder.ObjectiveScript.Input;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Objectives of networks that do nothing, whose losses can be told without a computer. */
class ClosedFormsTest {

    static {
        SingleThread.use();
    }

    private static final String NOTHING = "'decoder': [{'type': 'Identity'}]";

    @ParameterizedTest
    @CsvSource({
        // mean, log-variance, KL(N(mean, exp(log-variance)) || N(0, 1))
        "0, 0, 0",
        "1, 0, 0.5",
        "-3, 0, 4.5",
        "0, 1, 0.3591409142295225", // (e - 2) / 2
        "0, -2, 0.5676676416183064", // (exp(-2) + 1) / 2
        "2, -4, 3.5091578194443670" // (exp(-4) + 4 + 4 - 1) / 2
    })
    void theDivergenceOfAGaussianIsWhatTheFormulaSays(float mean, float logVariance, double divergence) {
        assertThat(vad(mean, logVariance, 0, 0)[1]).isCloseTo(divergence, within(1e-6 * Math.max(1, divergence)));
    }

    /** The mean of log q(z) - log p(z) over draws from q; its standard error is told from the draws, and five of them are certain. */
    @ParameterizedTest
    @CsvSource({"1, 0", "0, 1", "2, -4", "-0.5, -1.5"})
    void theDivergenceIsWhatDrawsSay(float mean, float logVariance) {
        RandomGenerator random = TestExamples.random(3);
        int draws = 200_000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < draws; i++) {
            double noise = random.nextGaussian();
            double z = mean + Math.exp(0.5 * logVariance) * noise;
            double difference = 0.5 * (z * z - noise * noise - logVariance);
            sum += difference;
            squares += difference * difference;
        }
        double error = Math.sqrt((squares / draws - Math.pow(sum / draws, 2)) / draws);

        assertThat(vad(mean, logVariance, 0, 0)[1]).isCloseTo(sum / draws, within(5 * error));
    }

    /** The decoder gives z itself, 1 + 0.5 * 2 = 2, which misses 0.5 by 1.5. */
    @Test
    void aGaussiansReconstructionLossIsItsNegativeLogDensity() {
        float logVariance = (float) (2 * Math.log(0.5));

        assertThat(vad(1, logVariance, 0.5f, 2)[0]).isCloseTo(0.5 * Math.log(2 * Math.PI) + 0.5 * 2.25, within(1e-6));
    }

    /** What many write as a VAE's loss. */
    @Test
    void theSquaredErrorIsAGaussianOfVarianceOneHalf() {
        Objective half = Trainings.objective("{'type': 'vad', 'likelihood': 'gaussian', 'variance': 0.5}");
        double recon = run(
                half,
                "{'latent': 1, %s}".formatted(NOTHING),
                Map.of(),
                1,
                Map.of(
                        Input.TARGET, new float[] {3},
                        Input.NOISE, new float[] {0},
                        Input.CODE, new float[] {1},
                        Input.CODE_LOG_VARIANCE, new float[] {0}))[0][0];

        assertThat(recon).isCloseTo(4 + 0.5 * Math.log(Math.PI), within(1e-6));
    }

    /**
     * Three members whose encoder gives (x, 0) with one variance s^2 for the group's value: the product is
     * N(mean of x, s^2 / 3). The style's posterior is N(0, 1), which costs nothing.
     */
    @ParameterizedTest
    @CsvSource({"0", "-1", "0.7"})
    void aGroupsPosteriorOfEqualVariancesIsTheMeanWithAThirdOfIt(double logVariance) {
        double[] x = {0.5, -1, 2};
        double mean = 0.5;
        double variance = Math.exp(logVariance) / 3;
        double divergence = 0.5 * (variance + mean * mean - 1 - Math.log(variance));
        double[][] losses = group(x, 0, logVariance, new float[] {1, 1, 1}, 1);

        double sum = losses[1][0] + losses[1][1] + losses[1][2];
        assertThat(sum).isCloseTo(divergence, within(1e-5));
        for (int i = 0; i < 3; i++) {
            assertThat(losses[1][i]).isCloseTo(divergence / 3, within(1e-5));
            // With the noise 0 the decoder gives (mean, 0), where x is (x, 0).
            assertThat(losses[0][i]).isCloseTo(0.5 * Math.pow(x[i] - mean, 2) + Math.log(2 * Math.PI), within(1e-5));
        }
    }

    /** Members of unequal variances exp(x): weights 1, e and e^-2 before division; and a group of one, which keeps its own. */
    @Test
    void aGroupsPosteriorIsThePrecisionWeightedMean() {
        double[] x = {0, -1, 2, 1.5};
        double total = 1 + Math.exp(1) + Math.exp(-2);
        double mean = (-Math.exp(1) + 2 * Math.exp(-2)) / total;
        double divergence = 0.5 * (1 / total + mean * mean - 1 + Math.log(total));
        double own = 0.5 * (Math.exp(1.5) + 1.5 * 1.5 - 1 - 1.5);
        double[][] losses = group(x, 1, 0, new float[] {1, 1, 1, 0, 0, 0, 0, 1}, 2);

        assertThat(losses[1][0] + losses[1][1] + losses[1][2]).isCloseTo(divergence, within(1e-5));
        assertThat(losses[1][3]).isCloseTo(own, within(1e-5));
    }

    /** Mean (x, 0), log-variance (slope x + offset, 0) of what comes in as (x, 0); noise 0. */
    private static double[][] group(double[] x, double slope, double offset, float[] members, int groups) {
        String head = "[{'type': 'Linear', 'in_features': 2, 'out_features': 2}]";
        float[] input = new float[2 * x.length];
        for (int i = 0; i < x.length; i++) {
            input[2 * i] = (float) x[i];
        }
        return run(
                Trainings.objective("{'type': 'ml-vae', 'likelihood': 'gaussian', 'group': 1}"),
                "{'latent': [2], 'encoder': [{'type': 'Identity'}], 'mean': %1$s, 'log_variance': %1$s, %2$s}"
                        .formatted(head, NOTHING),
                Map.of(
                        "mean.0.weight", new float[] {1, 0, 0, 1},
                        "mean.0.bias", new float[] {0, 0},
                        "log_variance.0.weight", new float[] {(float) slope, 0, 0, 0},
                        "log_variance.0.bias", new float[] {(float) offset, 0}),
                x.length,
                Map.of(
                        Input.X, input,
                        Input.NOISE, new float[2 * x.length],
                        Input.MEMBERS, members));
    }

    /** recon_loss and reg_loss of one example of one value, whose decoder gives z. */
    private static double[] vad(float mean, float logVariance, float target, float noise) {
        double[][] losses = run(
                Trainings.objective("{'type': 'vad', 'likelihood': 'gaussian', 'beta': 5}"),
                "{'latent': 1, %s}".formatted(NOTHING),
                Map.of(),
                1,
                Map.of(
                        Input.TARGET, new float[] {target},
                        Input.NOISE, new float[] {noise},
                        Input.CODE, new float[] {mean},
                        Input.CODE_LOG_VARIANCE, new float[] {logVariance}));
        return new double[] {losses[0][0], losses[1][0]};
    }

    private static double[][] run(
            Objective objective, String plan, Map<String, float[]> weights, int rows, Map<Input, float[]> inputs) {
        int[] latent = Trainings.read(plan, NetworkPlan.class).latent();
        Network network = Trainings.network(objective, plan, TestExamples.of(new float[latent[0]], latent[0]));
        var script = new ObjectiveScript(objective, network, false, false);
        try (NDManager manager = NDManager.newBaseManager();
                var compiled = CompiledScript.compile(script.source(), manager)) {
            var arguments = new NDList();
            for (Input input : script.inputs()) {
                float[] values = inputs.getOrDefault(input, new float[] {1});
                arguments.add(
                        input == Input.BETA
                                ? manager.create(1f)
                                : input == Input.MEMBERS
                                        ? manager.create(values, new Shape(values.length / rows, rows))
                                        : manager.create(values, new Shape(rows, values.length / rows)));
            }
            for (String key : script.script().weights()) {
                int[] shape = Objects.requireNonNull(network.weights().get(key));
                NDArray array = manager.create(Objects.requireNonNull(weights.get(key)));
                arguments.add(shape.length == 1 ? array : array.reshape(shape[0], shape[1]));
            }
            return compiled.run(arguments).stream()
                    .map(NDArray::toFloatArray)
                    .map(ClosedFormsTest::doubles)
                    .toList()
                    .toArray(double[][]::new);
        }
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
