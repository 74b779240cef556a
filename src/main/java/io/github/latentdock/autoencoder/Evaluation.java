package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.latentdock.autoencoder.Randomness.Purpose;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a trained model is worth on examples that it did not see. Reconstructions are by the mean of a posterior, of an
 * auto-decoder by test-time optimisation of some of the examples.
 */
public final class Evaluation implements AutoCloseable {

    /** A latent is in use where its posterior mean varies by more than this over the examples (Burda et al. 2016, section 5). */
    public static final double ACTIVE = 0.01;

    private static final int MOST_FITTED = 1000;
    private static final int MOST_WEIGHTED = 1000;
    private static final int DRAWS = 64;

    private final TrainingSettings settings;
    private final Network network;
    private final Shapes shapes;
    private final TrainedState trained;
    private final Wanted wanted;
    private final DeclaredAutoencoder model;

    /**
     * @param wanted asked between blocks; all methods throw a {@link java.util.concurrent.CancellationException} when it is not
     * @throws DivergedException when something that was learned is not finite
     */
    public Evaluation(TrainingSettings settings, Network network, TrainedState trained, Wanted wanted) {
        trained.weights()
                .forEach((key, values) -> DivergedException.requireFinite(values.values(), "the weight " + key));
        DivergedException.requireFinite(trained.codes(), "a code");
        DivergedException.requireFinite(trained.logVariances(), "a code's log-variance");
        this.settings = settings;
        this.network = network;
        this.shapes = Shapes.of(network);
        this.trained = trained;
        this.wanted = wanted;
        this.model = DeclaredAutoencoder.of(network, trained.weights());
    }

    /**
     * Everything, as a manifest's {@code metrics} have it: {@code mse} and the quantiles of the examples' errors; PCA's error with as
     * many components as the latent has values, unless that would take too much memory; of a VAE the ELBO with its parts, a tighter
     * bound with 64 draws (IWAE, Burda et al. 2016) of some examples beside the ELBO of the same examples and draws, and how many
     * latents are in use. Likelihoods are in nats per example.
     *
     * @param training examples that it was trained on
     * @param held examples that it was not
     * @throws DivergedException when one of them is not a finite number
     */
    public SequencedMap<String, Object> measure(Examples training, Examples held) {
        var metrics = new LinkedHashMap<String, Object>();
        Examples judged = settings.objective().kind() == Kind.AD ? EvenlySpaced.of(held, MOST_FITTED) : held;
        double[] errors = errors(judged);
        metrics.put("examples", errors.length);
        if (errors.length > 0) {
            metrics.put("mse", Arrays.stream(errors).average().orElseThrow());
            compare(training, judged, metrics);
        }
        if (settings.objective() instanceof Objective.Variational variational
                && settings.objective().kind() == Kind.VAE) {
            measure(variational, held, metrics);
        }
        if (!Double.isNaN(trained.variance())) {
            metrics.put("decoderVariance", trained.variance());
        }
        if (errors.length > 0) {
            metrics.put("errorQuantiles", ErrorQuantiles.measure(errors).toMap());
        }
        metrics.forEach((name, value) -> {
            if (value instanceof Double number && !Double.isFinite(number)) {
                throw new DivergedException("its %s is %s".formatted(name, number));
            }
        });
        return metrics;
    }

    private void compare(Examples training, Examples judged, SequencedMap<String, Object> metrics) {
        if (PrincipalComponents.values(shapes.inputSize(), training.count(), shapes.latentSize())
                <= PrincipalComponents.MOST_COMPARED) {
            var components = PrincipalComponents.fit(
                    training, shapes.latentSize(), new Randomness(settings.seed()).of(Purpose.COMPONENTS, 1), wanted);
            metrics.put("pcaMse", components.error(judged, wanted));
        }
    }

    private void measure(Objective.Variational variational, Examples held, SequencedMap<String, Object> metrics) {
        try (var heldOut = new HeldOut(settings, variational.plain(), network, held, wanted)) {
            Losses losses = heldOut.losses(trained.tensors(), trained.codes());
            metrics.put("elbo", -losses.loss());
            metrics.put("reconLoss", losses.reconLoss());
            metrics.put("klDivergence", losses.regLoss());
        }
        if (!(variational instanceof Objective.MlVae)) {
            Examples weighted = EvenlySpaced.of(held, MOST_WEIGHTED);
            LikelihoodBounds bounds = importanceWeighted(variational, weighted);
            metrics.put("iwae64", bounds.weighted());
            metrics.put("iwaeElbo", bounds.plain());
            metrics.put("iwaeExamples", weighted.count());
        }
        metrics.put(
                "activeUnits",
                Arrays.stream(latentVariances(held))
                        .filter(variance -> variance > ACTIVE)
                        .count());
        metrics.put("activeUnitsThreshold", ACTIVE);
    }

    /**
     * Latents of some examples, the encoder's means, {@code [rows * latent size]}.
     *
     * @throws DivergedException when one is not finite
     */
    public float[] codes(Examples examples, int[] rows) {
        float[] codes = new float[Math.multiplyExact(rows.length, shapes.latentSize())];
        float[] means = new float[shapes.blockRows() * shapes.latentSize()];
        encode(examples, rows, (from, count, values, posterior) -> {
            NativeFloats.read(posterior.mean(), means);
            System.arraycopy(means, 0, codes, from * shapes.latentSize(), count * shapes.latentSize());
        });
        DivergedException.requireFinite(codes, "a latent");
        return codes;
    }

    /** Takes what the model makes of an example, which is at an offset of {@code made}. */
    @FunctionalInterface
    public interface Reconstructed {
        void take(int row, float[] made, int offset);
    }

    /** Makes something of the first examples, some at a time. */
    public void reconstruct(Examples examples, int count, Reconstructed each) {
        if (!model.hasEncoder()) {
            try (LatentOptimizer optimizer =
                    TestTime.optimizer(model, network, settings.objective(), trained.codes())) {
                TestTime.fit(
                        optimizer,
                        examples,
                        0,
                        count,
                        optimizer.defaults(), // What serving uses: quantiles of other errors would promise false alarms
                        // that are not kept.
                        wanted,
                        (row, fit) -> each.take(row, fit.instance(), 0));
            }
            return;
        }
        float[] made = new float[shapes.blockRows() * shapes.inputSize()];
        encode(examples, first(count), (from, of, values, posterior) -> {
            NativeFloats.read(model.decode(posterior.mean()), made);
            for (int i = 0; i < of; i++) {
                each.take(from + i, made, i * shapes.inputSize());
            }
        });
    }

    /**
     * Decodes latents.
     *
     * @param latents {@code [n * latent size]}
     * @return {@code [n * input size]}
     */
    public float[] decode(float[] latents) {
        wanted.require();
        int count = latents.length / shapes.latentSize();
        float[] decoded = new float[count * shapes.inputSize()];
        try (NDManager pass = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NativeFloats.read(model.decode(NativeFloats.copy(latents, shapes.latents(count), pass)), decoded);
        }
        return decoded;
    }

    private double[] errors(Examples examples) {
        var errors = new SquaredErrors(examples);
        float[] values = new float[shapes.inputSize()];
        reconstruct(examples, examples.count(), (row, made, offset) -> {
            examples.values(row, values, 0);
            for (int i = 0; i < values.length; i++) {
                values[i] -= made[offset + i];
            }
            errors.add(row, values, 0);
        });
        return errors.toArray();
    }

    private static int[] first(int count) {
        int[] rows = new int[count];
        Arrays.setAll(rows, i -> i);
        return rows;
    }

    @FunctionalInterface
    private interface Encoded {

        /** @param values of the examples {@code [count * input size]}, and more that does not count */
        void take(int from, int count, float[] values, Posterior posterior);
    }

    private void encode(Examples examples, int[] rows, Encoded each) {
        int size = shapes.inputSize();
        int most = shapes.blockRows();
        float[] values = new float[most * size];
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (int from = 0; from < rows.length; from += most) {
                wanted.require();
                int count = Math.min(most, rows.length - from);
                for (int i = 0; i < count; i++) {
                    examples.values(rows[from + i], values, i * size);
                }
                try (NDManager pass = manager.newSubManager()) {
                    NDArray x = NativeFloats.copy(values, count * size, shapes.inputs(count), pass);
                    each.take(from, count, values, model.encode(x));
                }
            }
        }
    }

    /** By Welford's recurrence, so that no code is kept. */
    private double[] latentVariances(Examples examples) {
        int width = shapes.latentSize();
        float[] codes = new float[shapes.blockRows() * width];
        double[] means = new double[width];
        double[] squares = new double[width];
        encode(examples, first(examples.count()), (from, count, values, posterior) -> {
            NativeFloats.read(posterior.mean(), codes);
            for (int i = 0; i < count; i++) {
                for (int j = 0; j < width; j++) {
                    double difference = codes[i * width + j] - means[j];
                    means[j] += difference / (from + i + 1);
                    squares[j] += difference * (codes[i * width + j] - means[j]);
                }
            }
        });
        return Arrays.stream(squares).map(square -> square / examples.count()).toArray();
    }

    private LikelihoodBounds importanceWeighted(Objective.Variational variational, Examples examples) {
        var bounds = new LikelihoodBounds();
        float[] mask = new float[examples.hasMask() ? shapes.blockRows() * shapes.inputSize() : 0];
        try (var likelihood = new DrawLikelihood(variational, network, examples.hasMask(), trained)) {
            RandomGenerator random = new Randomness(settings.seed()).of(Purpose.EVALUATION, -1);
            encode(examples, first(examples.count()), (from, of, values, posterior) -> {
                for (int i = 0; i < of && examples.hasMask(); i++) {
                    examples.mask(from + i, mask, i * shapes.inputSize());
                }
                double[][] logWeights = new double[of][DRAWS];
                try (var draws = likelihood.of(of, values, mask, posterior.mean(), logVariance(posterior))) {
                    for (int k = 0; k < DRAWS; k++) {
                        wanted.require();
                        draws.logWeights(k, random, logWeights);
                    }
                }
                Arrays.stream(logWeights).forEach(bounds::add);
            });
        }
        return bounds;
    }

    private static NDArray logVariance(Posterior posterior) {
        @Nullable NDArray logVariance = posterior.logVariance();
        if (logVariance == null) {
            throw new IllegalStateException("a VAE's encoder gives a log-variance");
        }
        return logVariance;
    }

    @Override
    public void close() {
        model.close();
    }
}
