package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.latentdock.autoencoder.LatentOptimizer.Settings;
import io.github.latentdock.autoencoder.Randomness.Purpose;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The loss on examples that a training does not see. Of an auto-decoder it is that of the best latents that test-time optimisation
 * finds for some of them: the squared error, or the negative log-likelihood, and what {@code |z|^2} costs.
 */
final class HeldOut implements AutoCloseable {

    private static final int MOST_FITTED = 256;

    private final Objective objective;
    private final Network network;
    private final Examples examples;
    private final Randomness randomness;
    private final Wanted wanted;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final ObjectiveScript script;
    private final CompiledScript compiled;

    HeldOut(Objective objective, Network network, Examples examples, Randomness randomness, Wanted wanted) {
        this.objective = objective;
        this.network = network;
        this.examples = examples;
        this.randomness = randomness;
        this.wanted = wanted;
        this.script = new ObjectiveScript(objective, network, examples.hasMask(), false);
        this.compiled = CompiledScript.compile(script.source(), manager);
    }

    /**
     * The mean loss.
     *
     * @param weights by key, the likelihood's included
     * @param codes of the training, to start from; of no use where there is an encoder
     */
    Losses losses(Map<String, Values> weights, float[] codes) {
        return objective.kind() == Kind.AD ? fitted(weights, codes) : encoded(weights);
    }

    private Losses encoded(Map<String, Values> weights) {
        double beta = objective instanceof Objective.Variational variational ? variational.beta() : 1;
        double recon = 0;
        double reg = 0;
        int[] rows = new int[examples.count()];
        Arrays.setAll(rows, i -> i);
        var shapes = Shapes.of(network);
        int block = shapes.blockRows();
        try (NDManager evaluation = manager.newSubManager();
                var batch = new TrainingBatch(examples, objective, script.inputs(), shapes, block, null)) {
            var arrays = new LinkedHashMap<String, NDArray>();
            weights.forEach((key, values) -> arrays.put(key, DeclaredAutoencoder.array(values, evaluation)));
            for (int from = 0; from < rows.length; from += block) {
                wanted.require();
                int to = Math.min(rows.length, from + block);
                batch.read(rows, from, to, beta, randomness.of(Purpose.EVALUATION, from));
                try (NDManager pass = evaluation.newSubManager()) {
                    var arguments = new NDList();
                    script.inputs().forEach(input -> arguments.add(batch.array(input, pass)));
                    script.script().weights().forEach(key -> arguments.add(arrays.get(key)));
                    NDList sums = compiled.run(arguments);
                    recon += sum(sums.get(0), to - from);
                    reg += sum(sums.get(1), to - from);
                }
            }
        }
        double reconLoss = recon / rows.length;
        double regLoss = beta * reg / rows.length;
        return new Losses(reconLoss + regLoss, reconLoss, regLoss);
    }

    private Losses fitted(Map<String, Values> weights, float[] codes) {
        int count = Math.min(MOST_FITTED, examples.count());
        Settings settings =
                TestTime.settings(objective, TrainedState.variance(weights.get(ObjectiveScript.LOG_VARIANCE)));
        double[] sums = new double[2];
        try (var model = DeclaredAutoencoder.of(network, weights);
                LatentOptimizer optimizer = TestTime.optimizer(model, network, objective, codes)) {
            TestTime.fit(optimizer, examples, 0, count, settings, wanted, (row, fit) -> {
                double penalty = settings.prior() * Observations.squaredNorm(fit.latent());
                sums[0] += fit.objective() - penalty;
                sums[1] += penalty;
            });
        }
        return new Losses((sums[0] + sums[1]) / count, sums[0] / count, sums[1] / count);
    }

    private static double sum(NDArray losses, int rows) {
        float[] values = new float[rows];
        NativeFloats.read(losses, values);
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    @Override
    public void close() {
        compiled.close();
        manager.close();
    }
}
