package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.Likelihood;
import io.github.latentdock.autoencoder.Losses;
import io.github.latentdock.autoencoder.Optimizer;
import io.github.latentdock.autoencoder.Safetensors;
import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.autoencoder.Wanted;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.registry.Manifest;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A small training that is real: seeded stochastic gradient descent with momentum on a least-squares problem, the decoder of an
 * auto-decoder of 2 latents and 4 values. Its state is some doubles and that of a generator, so "the same weights to the bit" says
 * something.
 *
 * <p>The data set is called {@code lines}; a plan's {@code network} may say how many {@code steps} an epoch has, how many
 * {@code nanos} a step takes at least, and in which epoch the loss becomes NaN ({@code nanEpoch}).
 */
public final class LeastSquares implements TrainingLoops {

    public static final String DATASET = "lines";
    /** The second is that of the example in the API document. */
    private static final List<String> DATASETS = List.of(DATASET);

    public static final String DIGEST = "d".repeat(64);
    static final Pinned PINNED = new Pinned(DIGEST, null);

    private static final double[][] TRUE = {{1, -2}, {0.5, 0.25}, {-1.5, 3}, {2, 2}};
    private static final List<String> NETWORK = List.of("steps", "nanos", "nanEpoch", "preset", "hidden", "latent");

    private final Consumer<Loop> beforeEachStep;
    private final Runnable atClose;
    private final BiConsumer<String, Wanted> takesLong;
    private final Map<Path, Integer> spoiled = new ConcurrentHashMap<>();

    public LeastSquares() {
        this(loop -> {}, () -> {});
    }

    LeastSquares(Consumer<Loop> beforeEachStep, Runnable atClose) {
        this(beforeEachStep, atClose, (moment, wanted) -> {});
    }

    /**
     * All are called on the training's own thread.
     *
     * @param takesLong called at moments that may take long: {@code start}, {@code epoch}, {@code finish}
     */
    LeastSquares(Consumer<Loop> beforeEachStep, Runnable atClose, BiConsumer<String, Wanted> takesLong) {
        this.beforeEachStep = beforeEachStep;
        this.atClose = atClose;
        this.takesLong = takesLong;
    }

    @Override
    public Check check(Plan plan) {
        List<Problem.FieldError> faults = checkAlone(plan.dataset(), plan.network());
        return new Check(faults, faults.isEmpty() ? PINNED : null);
    }

    @Override
    public double mostHeldOut(Plan plan) {
        return 1;
    }

    @Override
    public List<Problem.FieldError> checkAlone(@Nullable String dataset, @Nullable Map<String, Object> network) {
        var faults = new ArrayList<Problem.FieldError>();
        if (dataset != null && !DATASETS.contains(dataset)) {
            faults.add(new Problem.FieldError(
                    "dataset", "There is no data set '%s'; there is %s".formatted(dataset, DATASET)));
        }
        if (network != null) {
            network.keySet().stream()
                    .filter(key -> !NETWORK.contains(key))
                    .forEach(key -> faults.add(
                            new Problem.FieldError("network." + key, "network.%s is unknown".formatted(key))));
        }
        return faults;
    }

    @Override
    public Loop start(Plan plan, Pinned pinned, Wanted wanted) {
        takesLong.accept("start", wanted);
        return loop(plan, wanted);
    }

    private Loop loop(Plan plan, Wanted wanted) {
        return new Loop(plan, beforeEachStep, atClose, moment -> takesLong.accept(moment, wanted));
    }

    @Override
    public Loop resume(Plan plan, Pinned pinned, Path checkpoint, Wanted wanted) {
        if (spoiled.containsKey(checkpoint)) {
            throw new IllegalStateException("spoiled by a test");
        }
        Loop loop = loop(plan, wanted);
        loop.load(checkpoint.resolve("state"));
        return loop;
    }

    /** Makes a checkpoint unreadable. */
    void spoil(Path checkpoint) {
        spoiled.put(checkpoint, 1);
    }

    /** The training itself. */
    static final class Loop implements TrainingLoop {

        private static final int BATCH = 8;

        private final Plan plan;
        private final Consumer<Loop> beforeEachStep;
        private final Runnable atClose;
        private final Consumer<String> takesLong;
        private final int steps;
        private final long nanos;
        private final int nanEpoch;
        final double[] weights = new double[8];
        private final double[] velocity = new double[8];
        private long random;
        private int epoch;
        private int step;
        private double epochLoss;
        private double best = Double.POSITIVE_INFINITY;
        private int worse;

        Loop(Plan plan, Consumer<Loop> beforeEachStep, Runnable atClose, Consumer<String> takesLong) {
            this.plan = plan;
            this.takesLong = takesLong;
            this.atClose = atClose;
            this.beforeEachStep = beforeEachStep;
            this.steps = number("steps", 20);
            this.nanos = number("nanos", 0);
            this.nanEpoch = number("nanEpoch", -1);
            this.random = plan.seed();
        }

        private int number(String key, int absent) {
            return plan.network().get(key) instanceof Number number ? number.intValue() : absent;
        }

        @Override
        public int epoch() {
            return epoch;
        }

        @Override
        public int epochs() {
            return plan.epochs();
        }

        @Override
        public int step() {
            return step;
        }

        @Override
        public int stepsPerEpoch() {
            return steps;
        }

        @Override
        public boolean finished() {
            return epoch == plan.epochs()
                    || plan.earlyStopping() != null
                            && worse > plan.earlyStopping().patience();
        }

        @Override
        public Losses advance() {
            beforeEachStep.accept(this);
            if (nanos > 0) {
                LockSupport.parkNanos(nanos);
            }
            double loss = 0;
            double[] gradient = new double[8];
            for (int i = 0; i < BATCH; i++) {
                double a = next() * 2 - 1;
                double b = next() * 2 - 1;
                for (int row = 0; row < 4; row++) {
                    double noise = (next() - 0.5) * 0.1;
                    double error = weights[2 * row] * a
                            + weights[2 * row + 1] * b
                            - (TRUE[row][0] * a + TRUE[row][1] * b + noise);
                    loss += error * error / BATCH;
                    gradient[2 * row] += 2 * error * a / BATCH;
                    gradient[2 * row + 1] += 2 * error * b / BATCH;
                }
            }
            Optimizer optimizer = plan.optimizer();
            for (int i = 0; i < weights.length; i++) {
                velocity[i] = 0.9 * velocity[i] + gradient[i];
                weights[i] -= optimizer.learningRate() * velocity[i];
            }
            step++;
            epochLoss += loss / steps;
            return epoch + 1 == nanEpoch ? new Losses(Double.NaN, Double.NaN, 0) : new Losses(loss, loss, 0);
        }

        /** SplitMix64, whose state is one long. */
        private double next() {
            random += 0x9e3779b97f4a7c15L;
            long z = (random ^ (random >>> 30)) * 0xbf58476d1ce4e5b9L;
            z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
            return ((z ^ (z >>> 31)) >>> 11) * 0x1.0p-53;
        }

        @Override
        public EpochMetrics endEpoch() {
            takesLong.accept("epoch");
            epoch++;
            double loss = epochLoss;
            worse = loss < best ? 0 : worse + 1;
            best = Math.min(best, loss);
            step = 0;
            epochLoss = 0;
            Losses losses = new Losses(loss, loss, 0);
            return new EpochMetrics(
                    epoch, losses, plan.validation().fraction() > 0 ? losses : null, 0.5, 2.0 * steps * BATCH);
        }

        @Override
        public void save(Path folder) {
            try (var out = new DataOutputStream(Files.newOutputStream(folder.resolve("state")))) {
                for (int i = 0; i < weights.length; i++) {
                    out.writeDouble(weights[i]);
                    out.writeDouble(velocity[i]);
                }
                out.writeLong(random);
                out.writeInt(epoch);
                out.writeInt(step);
                out.writeDouble(epochLoss);
                out.writeDouble(best);
                out.writeInt(worse);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void load(Path file) {
            try (var in = new DataInputStream(Files.newInputStream(file))) {
                for (int i = 0; i < weights.length; i++) {
                    weights[i] = in.readDouble();
                    velocity[i] = in.readDouble();
                }
                random = in.readLong();
                epoch = in.readInt();
                step = in.readInt();
                epochLoss = in.readDouble();
                best = in.readDouble();
                worse = in.readInt();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Outcome finish(Path folder) {
            takesLong.accept("finish");
            var tensors = new LinkedHashMap<String, Values>();
            // The decoder is float32; the metrics hold every bit.
            float[] high = new float[8];
            for (int i = 0; i < 8; i++) {
                high[i] = (float) weights[i];
            }
            tensors.put("decoder.0.weight", new Values(new int[] {4, 2}, high));
            tensors.put("decoder.0.bias", new Values(new int[] {4}, new float[4]));
            Safetensors.write(folder.resolve("weights.safetensors"), tensors);
            var exact = new ArrayList<String>();
            for (double weight : weights) {
                exact.add(Double.toHexString(weight));
            }
            return new Outcome(
                    Kind.AD,
                    new Manifest.Input(new int[] {4}, null, Likelihood.GAUSSIAN),
                    new Manifest.Latent(new int[] {2}, "standard-normal", null),
                    Map.of("decoder", List.of(Map.of("type", "Linear", "in_features", 2, "out_features", 4))),
                    Map.of("weights", exact),
                    Map.of("engine", "plain Java"));
        }

        @Override
        public int lastBatch() {
            return BATCH;
        }

        @Override
        public void close() {
            atClose.run();
        }
    }

    /** What a plan's weights must be, worked out here without any job. */
    static List<String> weights(Plan plan) {
        var unhurried = new LinkedHashMap<>(plan.network());
        unhurried.remove("nanos");
        var loop = new Loop(
                new Plan(
                        plan.model(),
                        plan.dataset(),
                        plan.validation(),
                        plan.objective(),
                        unhurried,
                        plan.optimizer(),
                        plan.epochs(),
                        plan.batchSize(),
                        plan.seed(),
                        plan.earlyStopping(),
                        null,
                        null,
                        null,
                        null),
                each -> {},
                () -> {},
                moment -> {});
        while (!loop.finished()) {
            while (loop.step() < loop.stepsPerEpoch()) {
                loop.advance();
            }
            loop.endEpoch();
        }
        var exact = new ArrayList<String>();
        for (double weight : loop.weights) {
            exact.add(Double.toHexString(weight));
        }
        return exact;
    }
}
