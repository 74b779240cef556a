package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.github.latentdock.autoencoder.LatentOptimizer.Settings;
import io.github.latentdock.autoencoder.ObjectiveScript.Input;
import io.github.latentdock.autoencoder.Randomness.Purpose;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The loss on examples that a training does not see: the objective's own, with one draw where it draws. Of an auto-decoder it is that
 * of some of them, whose codes are found by {@link TestTime} under the decoder as it is. Where that minimises something else, or there
 * are log-variances, they are then learned as in training.
 */
final class HeldOut implements AutoCloseable {

    private static final int MOST_FITTED = 256;

    /** Adam's, with cosine decay: far enough for a log-variance to get from where it begins to the prior's. */
    private static final int STEPS = 60;

    private static final double RATE = 0.15;

    private static final Set<Input> LEARNED = Set.of(Input.CODE, Input.CODE_LOG_VARIANCE);

    private final TrainingSettings settings;
    private final Objective objective;
    private final Network network;
    private final Shapes shapes;
    private final Examples examples;
    private final Randomness randomness;
    private final Wanted wanted;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final ObjectiveScript script;
    private final CompiledScript compiled;

    /** @param objective whose loss is told, which need not be the settings' */
    HeldOut(TrainingSettings settings, Objective objective, Network network, Examples examples, Wanted wanted) {
        this.settings = settings;
        this.objective = objective;
        this.network = network;
        this.shapes = Shapes.of(network);
        this.examples = examples;
        this.randomness = new Randomness(settings.seed());
        this.wanted = wanted;
        try {
            this.script = new ObjectiveScript(objective, network, examples.hasMask(), false);
            this.compiled = CompiledScript.compile(script.source(), manager);
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    /**
     * The mean loss.
     *
     * @param weights by key, the likelihood's included
     * @param codes of the training, to start from; of no use where there is an encoder
     * @throws java.util.concurrent.CancellationException when nobody wants it any more
     */
    Losses losses(Map<String, Values> weights, float[] codes) {
        try (NDManager evaluation = manager.newSubManager()) {
            var arrays = new LinkedHashMap<String, NDArray>();
            weights.forEach((key, values) -> arrays.put(key, DeclaredAutoencoder.array(values, evaluation)));
            return objective instanceof Objective.Coded coded
                    ? losses(arrays, found(coded, weights, arrays, codes))
                    : losses(arrays, null);
        }
    }

    private Losses losses(Map<String, NDArray> weights, @Nullable CodeTable codes) {
        int count = codes == null ? examples.count() : codes.count();
        double recon = 0;
        double reg = 0;
        int[] rows = new int[count];
        Arrays.setAll(rows, i -> i);
        if (objective instanceof Objective.MlVae) {
            rows = GroupOrder.of(examples, rows, settings.batchSize());
        }
        int block = shapes.blockRows();
        try (var batch = new TrainingBatch(examples, objective, script.inputs(), shapes, block, codes)) {
            for (int from = 0; from < count; from += block) {
                wanted.require();
                int to = Math.min(count, from + block);
                batch.read(rows, from, to, beta(), randomness.of(Purpose.EVALUATION, from));
                try (NDManager pass = manager.newSubManager()) {
                    NDList sums = compiled.run(arguments(script, batch, weights, pass));
                    recon += sum(sums.get(0), to - from);
                    reg += sum(sums.get(1), to - from);
                }
            }
        }
        double reconLoss = recon / count;
        double regLoss = beta() * reg / count;
        return new Losses(reconLoss + regLoss, reconLoss, regLoss);
    }

    private double beta() {
        return objective instanceof Objective.Variational variational ? variational.beta() : 1;
    }

    private static NDList arguments(
            ObjectiveScript script, TrainingBatch batch, Map<String, NDArray> weights, NDManager pass) {
        var arguments = new NDList();
        for (Input input : script.inputs()) {
            arguments.add(batch.array(input, pass));
        }
        script.script().weights().forEach(key -> arguments.add(weights.get(key)));
        return arguments;
    }

    /** Codes of the first examples. */
    private CodeTable found(
            Objective.Coded coded, Map<String, Values> weights, Map<String, NDArray> arrays, float[] codes) {
        int width = shapes.latentSize();
        int count = Math.min(MOST_FITTED, examples.count());
        float[] means = new float[count * width];
        Settings settings =
                TestTime.settings(objective, TrainedState.variance(weights.get(ObjectiveScript.LOG_VARIANCE)));
        try (var model = DeclaredAutoencoder.of(network, weights);
                LatentOptimizer optimizer = TestTime.optimizer(model, network, objective, codes)) {
            TestTime.fit(
                    optimizer,
                    examples,
                    0,
                    count,
                    settings,
                    wanted,
                    (row, fit) -> System.arraycopy(fit.latent(), 0, means, row * width, width));
        }
        return switch (coded) {
            case Objective.Ad ad -> {
                var table = new CodeTable(width, ad.ball(), means);
                if (ad.loss() != Objective.Loss.SQUARED) {
                    learn(table, arrays);
                }
                yield table;
            }
            case Objective.Vad ignored -> {
                float[] logVariances = TrainedState.initialLogVariances(means.length);
                var table = new CodeTable(width, false, means, logVariances);
                learn(table, arrays);
                yield table;
            }
        };
    }

    /** As the training would if the decoder stood still. */
    private void learn(CodeTable table, Map<String, NDArray> weights) {
        var descent = new ObjectiveScript(objective, network, examples.hasMask(), true, false);
        descent.learned().forEach(key -> required(weights, key).setRequiresGradient(true));
        List<Integer> parts = IntStream.range(0, descent.inputs().size())
                .filter(i -> LEARNED.contains(descent.inputs().get(i)))
                .boxed()
                .toList();
        int[] rows = new int[table.count()];
        Arrays.setAll(rows, i -> i);
        int block = Math.min(shapes.blockRows(), rows.length);
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        try (var gradients = CompiledScript.compile(descent.source(), manager);
                var batch = new TrainingBatch(examples, objective, descent.inputs(), shapes, block, table)) {
            for (int from = 0; from < rows.length; from += block) {
                int to = Math.min(rows.length, from + block);
                for (int step = 0; step < STEPS; step++) {
                    wanted.require();
                    // Below those of the evaluation, so that no example is judged by the noise that it was fitted to.
                    batch.read(rows, from, to, beta(), randomness.of(Purpose.EVALUATION, -2L - from * STEPS - step));
                    try (NDManager pass = manager.newSubManager()) {
                        NDList arguments = arguments(descent, batch, weights, pass);
                        parts.forEach(part -> arguments.get(part).setRequiresGradient(true));
                        NDList results = gradients.run(arguments);
                        // The loss is a mean, and each example moves by its own.
                        float[][] own = results.subList(results.size() - parts.size(), results.size()).stream()
                                .map(gradient -> gradient.mul(batch.count()).toFloatArray())
                                .toArray(float[][]::new);
                        double rate = RATE * 0.5 * (1 + Math.cos(Math.PI * step / STEPS));
                        table.step(batch.rows(), batch.count(), rate, own);
                    }
                }
            }
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    private static NDArray required(Map<String, NDArray> weights, String key) {
        return Objects.requireNonNull(weights.get(key), key);
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
