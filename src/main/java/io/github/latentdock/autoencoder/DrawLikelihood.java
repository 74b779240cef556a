package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.latentdock.autoencoder.ObjectiveScript.Input;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Draws latents from posteriors and weighs each by {@code log p(x, z) - log q(z | x)}. */
final class DrawLikelihood implements AutoCloseable {

    private final Shapes shapes;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final ObjectiveScript script;
    private final CompiledScript compiled;
    private final Map<String, NDArray> weights = new LinkedHashMap<>();

    /** @param masked whether values of examples may be missing */
    DrawLikelihood(Objective.Variational objective, Network network, boolean masked, TrainedState trained) {
        this.shapes = Shapes.of(network);
        // The same decoder and likelihood, of a posterior that is given.
        var given = new Objective.Vad(
                objective.likelihood(), objective.variance(), objective.learnVariance(), 1, Objective.Codes.RANDOM, 1);
        var begun = new ArrayDeque<Runnable>();
        begun.push(manager::close);
        try {
            this.script = new ObjectiveScript(given, network, masked, false);
            this.compiled = CompiledScript.compile(script.source(), manager);
            begun.push(compiled::close);
            trained.tensors().forEach((key, values) -> weights.put(key, DeclaredAutoencoder.array(values, manager)));
        } catch (RuntimeException | Error e) {
            begun.forEach(Runnable::run);
            throw e;
        }
    }

    /**
     * Some examples and what their encoder says of them, to be drawn for as often as one likes.
     *
     * @param values {@code [count * input size]}, and more that does not count
     * @param mask the same; read only where values may be missing
     * @param mean of the posteriors {@code [count, …latent shape]}
     * @param logVariance the same
     */
    Draws of(int count, float[] values, float[] mask, NDArray mean, NDArray logVariance) {
        return new Draws(count, values, mask, mean, logVariance);
    }

    /** To be closed before what it came from. */
    final class Draws implements AutoCloseable {

        private final int count;
        private final NDManager examples = manager.newSubManager();
        private final Map<Input, NDArray> arrays = new EnumMap<>(Input.class);
        private final float[] mean;
        private final float[] logVariance;
        private final float[] noise;
        private final float[] losses;

        private Draws(int count, float[] values, float[] mask, NDArray means, NDArray logVariances) {
            this.count = count;
            this.mean = new float[count * shapes.latentSize()];
            this.logVariance = new float[mean.length];
            this.noise = new float[mean.length];
            this.losses = new float[count];
            NativeFloats.read(means, mean);
            NativeFloats.read(logVariances, logVariance);
            int size = count * shapes.inputSize();
            for (Input input : script.inputs()) {
                switch (input) {
                    case TARGET -> put(input, NativeFloats.copy(values, size, shapes.inputs(count), examples));
                    case MASK -> put(input, NativeFloats.copy(mask, size, shapes.inputs(count), examples));
                    case CODE -> put(input, NativeFloats.copy(mean, shapes.latents(count), examples));
                    case CODE_LOG_VARIANCE ->
                        put(input, NativeFloats.copy(logVariance, shapes.latents(count), examples));
                    case BETA -> put(input, examples.create(1f));
                    case NOISE -> {} // new in every draw
                    case X, MEMBERS, BLUR -> throw new IllegalStateException("no posterior takes " + input);
                }
            }
        }

        private void put(Input input, NDArray array) {
            arrays.put(input, array);
        }

        /**
         * One draw for each.
         *
         * @param logWeights takes {@code [count][draw]}
         */
        void logWeights(int draw, RandomGenerator random, double[][] logWeights) {
            int width = shapes.latentSize();
            for (int i = 0; i < noise.length; i++) {
                noise[i] = (float) random.nextGaussian();
            }
            try (NDManager pass = manager.newSubManager()) {
                NDArray eps = NativeFloats.copy(noise, shapes.latents(count), pass);
                var arguments = new NDList();
                script.inputs().forEach(input -> arguments.add(input == Input.NOISE ? eps : arrays.get(input)));
                script.script().weights().forEach(key -> arguments.add(weights.get(key)));
                NDList results = compiled.run(arguments);
                results.attach(pass);
                NativeFloats.read(results.get(0), losses);
            }
            for (int i = 0; i < count; i++) {
                // log p(z) - log q(z | x); what both have of pi cancels out.
                double difference = 0;
                for (int j = i * width; j < (i + 1) * width; j++) {
                    double z = mean[j] + Math.exp(0.5 * logVariance[j]) * noise[j];
                    difference += 0.5 * (logVariance[j] + (double) noise[j] * noise[j] - z * z);
                }
                logWeights[i][draw] = difference - losses[i];
            }
        }

        @Override
        public void close() {
            examples.close();
        }
    }

    @Override
    public void close() {
        compiled.close();
        manager.close();
    }
}
