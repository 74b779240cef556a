package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.latentdock.autoencoder.LatentOptimizer.Fit;
import io.github.latentdock.autoencoder.LatentOptimizer.Settings;
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

    private static final int ROWS = 256;
    private static final int MOST_FITTED = 1000;
    private static final int MOST_WEIGHTED = 1000;
    private static final int DRAWS = 64;

    private final TrainingSettings settings;
    private final Network network;
    private final Shapes shapes;
    private final TrainedState trained;
    private final DeclaredAutoencoder model;

    public Evaluation(TrainingSettings settings, Network network, TrainedState trained) {
        this.settings = settings;
        this.network = network;
        this.shapes = Shapes.of(network);
        this.trained = trained;
        this.model = DeclaredAutoencoder.of(network, trained.weights());
    }

    /**
     * Everything, as a manifest's {@code metrics} have it: {@code mse} and the quantiles of the examples' errors; PCA's error with as
     * many components as the latent has values; of a VAE the ELBO with its parts, a tighter bound with 64 draws (IWAE, Burda et al.
     * 2016) of some examples beside the ELBO of the same examples and draws, and how many latents are in use. Likelihoods are in nats
     * per example.
     *
     * @param training examples that it was trained on
     * @param held examples that it was not
     */
    public SequencedMap<String, Object> measure(Examples training, Examples held) {
        var metrics = new LinkedHashMap<String, Object>();
        int count = settings.objective().kind() == Kind.AD ? Math.min(MOST_FITTED, held.count()) : held.count();
        double[] errors = errors(reconstructions(held, count), held);
        metrics.put("examples", count);
        metrics.put("mse", Arrays.stream(errors).average().orElse(Double.NaN));
        var components = PrincipalComponents.fit(
                training, shapes.latentSize(), new Randomness(settings.seed()).of(Purpose.COMPONENTS, 1));
        metrics.put("pcaMse", components.error(held));
        if (settings.objective() instanceof Objective.Variational variational
                && settings.objective().kind() == Kind.VAE) {
            measure(variational, held, metrics);
        }
        if (!Double.isNaN(trained.variance())) {
            metrics.put("decoderVariance", trained.variance());
        }
        metrics.put("errorQuantiles", ErrorQuantiles.measure(errors).toMap());
        return metrics;
    }

    private void measure(Objective.Variational variational, Examples held, SequencedMap<String, Object> metrics) {
        try (var heldOut = new HeldOut(variational.plain(), network, held, new Randomness(settings.seed()))) {
            Losses losses = heldOut.losses(trained.tensors(), trained.codes());
            metrics.put("elbo", -losses.loss());
            metrics.put("reconLoss", losses.reconLoss());
            metrics.put("klDivergence", losses.regLoss());
        }
        if (!(variational instanceof Objective.MlVae)) {
            int weighted = Math.min(MOST_WEIGHTED, held.count());
            LikelihoodBounds bounds = importanceWeighted(variational, held, weighted);
            metrics.put("iwae64", bounds.weighted());
            metrics.put("iwaeElbo", bounds.plain());
            metrics.put("iwaeExamples", weighted);
        }
        double[] variances = latentVariances(held);
        metrics.put(
                "activeUnits",
                Arrays.stream(variances).filter(variance -> variance > ACTIVE).count());
        metrics.put("activeUnitsThreshold", ACTIVE);
    }

    /** Latents of some examples, the encoder's means, {@code [rows * latent size]}. */
    public float[] codes(Examples examples, int[] rows) {
        float[] codes = new float[rows.length * shapes.latentSize()];
        encode(examples, rows, (from, count, posterior) -> {
            float[] means = posterior.mean().toFloatArray();
            System.arraycopy(means, 0, codes, from * shapes.latentSize(), means.length);
        });
        return codes;
    }

    /**
     * What the model makes of the first examples.
     *
     * @return {@code [count * input size]}
     */
    public float[] reconstructions(Examples examples, int count) {
        int size = shapes.inputSize();
        float[] made = new float[count * size];
        if (!model.hasEncoder()) {
            try (LatentOptimizer optimizer =
                    TestTime.optimizer(model, network, settings.objective(), trained.codes())) {
                int row = 0;
                Settings optimal = TestTime.settings(settings.objective(), trained.variance());
                for (Fit fit : TestTime.fit(optimizer, examples, 0, count, optimal)) {
                    System.arraycopy(fit.instance(), 0, made, row * size, size);
                    row++;
                }
            }
            return made;
        }
        int[] rows = new int[count];
        Arrays.setAll(rows, i -> i);
        encode(examples, rows, (from, of, posterior) -> {
            float[] decoded = model.decode(posterior.mean()).toFloatArray();
            System.arraycopy(decoded, 0, made, from * size, decoded.length);
        });
        return made;
    }

    /**
     * Decodes latents.
     *
     * @param latents {@code [n * latent size]}
     * @return {@code [n * input size]}
     */
    public float[] decode(float[] latents) {
        int count = latents.length / shapes.latentSize();
        try (NDManager pass = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            return model.decode(pass.create(latents, shapes.latents(count))).toFloatArray();
        }
    }

    /** The mean squared error of each over what was observed of it. */
    private static double[] errors(float[] made, Examples examples) {
        int size = Arrays.stream(examples.shape()).reduce(1, Math::multiplyExact);
        double[] errors = new double[made.length / size];
        float[] values = new float[size];
        float[] mask = new float[size];
        Arrays.fill(mask, 1);
        for (int row = 0; row < errors.length; row++) {
            examples.values(row, values, 0);
            if (examples.hasMask()) {
                examples.mask(row, mask, 0);
            }
            double sum = 0;
            double observed = 0;
            for (int i = 0; i < size; i++) {
                double difference = mask[i] * (made[row * size + i] - values[i]);
                sum += difference * difference;
                observed += mask[i];
            }
            errors[row] = sum / Math.max(1, observed);
        }
        return errors;
    }

    @FunctionalInterface
    private interface Encoded {
        void take(int from, int count, Posterior posterior);
    }

    private void encode(Examples examples, int[] rows, Encoded each) {
        int size = shapes.inputSize();
        float[] values = new float[ROWS * size];
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (int from = 0; from < rows.length; from += ROWS) {
                int count = Math.min(ROWS, rows.length - from);
                for (int i = 0; i < count; i++) {
                    examples.values(rows[from + i], values, i * size);
                }
                try (NDManager pass = manager.newSubManager()) {
                    NDArray x = pass.create(Arrays.copyOf(values, count * size), shapes.inputs(count));
                    each.take(from, count, model.encode(x));
                }
            }
        }
    }

    private double[] latentVariances(Examples examples) {
        int[] rows = new int[examples.count()];
        Arrays.setAll(rows, i -> i);
        double[][] columns = Columns.of(codes(examples, rows), shapes.latentSize());
        double[] means = Columns.mean(columns);
        double[] variances = new double[columns.length];
        for (int j = 0; j < variances.length; j++) {
            for (double value : columns[j]) {
                variances[j] += (value - means[j]) * (value - means[j]) / rows.length;
            }
        }
        return variances;
    }

    /**
     * Two bounds on the likelihood from the same draws, of which there are K = 64 per example.
     *
     * @param weighted the mean of {@code log(1/K sum p(x, z_k) / q(z_k | x))} (Burda et al. 2016, equation 8)
     * @param plain the mean of {@code 1/K sum log(p(x, z_k) / q(z_k | x))}, the ELBO
     */
    private record LikelihoodBounds(double weighted, double plain) {}

    private LikelihoodBounds importanceWeighted(Objective.Variational variational, Examples examples, int count) {
        int[] rows = new int[count];
        Arrays.setAll(rows, i -> i);
        var sums = new double[2];
        try (var likelihood = new DrawLikelihood(variational, network, examples, trained)) {
            RandomGenerator random = new Randomness(settings.seed()).of(Purpose.EVALUATION, -1);
            encode(examples, rows, (from, of, posterior) -> {
                float[] mean = posterior.mean().toFloatArray();
                float[] logVariance = logVariance(posterior).toFloatArray();
                double[][] logWeights = new double[of][DRAWS];
                for (int k = 0; k < DRAWS; k++) {
                    double[] weights = likelihood.logWeights(from, of, mean, logVariance, random);
                    for (int i = 0; i < of; i++) {
                        logWeights[i][k] = weights[i];
                    }
                }
                for (double[] weights : logWeights) {
                    sums[0] += logMeanExp(weights);
                    sums[1] += Arrays.stream(weights).sum() / DRAWS;
                }
            });
        }
        return new LikelihoodBounds(sums[0] / count, sums[1] / count);
    }

    private static NDArray logVariance(Posterior posterior) {
        @Nullable NDArray logVariance = posterior.logVariance();
        if (logVariance == null) {
            throw new IllegalStateException("a VAE's encoder gives a log-variance");
        }
        return logVariance;
    }

    static double logMeanExp(double[] values) {
        double largest = Arrays.stream(values).max().orElse(0);
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value - largest);
        }
        return largest + Math.log(sum / values.length);
    }

    @Override
    public void close() {
        model.close();
    }
}
