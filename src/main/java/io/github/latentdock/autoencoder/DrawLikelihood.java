package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.latentdock.autoencoder.ObjectiveScript.Input;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Draws latents from posteriors and weighs each by {@code log p(x, z) - log q(z | x)}. */
final class DrawLikelihood implements AutoCloseable {

    private final Examples examples;
    private final Shapes shapes;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final ObjectiveScript script;
    private final CompiledScript compiled;
    private final Map<String, NDArray> weights = new LinkedHashMap<>();

    DrawLikelihood(Objective.Variational objective, Network network, Examples examples, TrainedState trained) {
        this.examples = examples;
        this.shapes = Shapes.of(network);
        // The same decoder and likelihood, of a posterior that is given.
        var given = new Objective.Vad(
                objective.likelihood(), objective.variance(), objective.learnVariance(), 1, Objective.Codes.RANDOM, 1);
        this.script = new ObjectiveScript(given, network, examples.hasMask(), false);
        this.compiled = CompiledScript.compile(script.source(), manager);
        trained.tensors().forEach((key, values) -> weights.put(key, DeclaredAutoencoder.array(values, manager)));
    }

    /**
     * One draw for each of the examples {@code from … from + count - 1}.
     *
     * @param mean {@code [count * latent size]}
     * @param logVariance the same
     * @return {@code [count]}
     */
    double[] logWeights(int from, int count, float[] mean, float[] logVariance, RandomGenerator random) {
        int size = shapes.inputSize();
        int width = shapes.latentSize();
        float[] target = new float[count * size];
        float[] mask = new float[examples.hasMask() ? count * size : 0];
        float[] noise = new float[count * width];
        for (int i = 0; i < count; i++) {
            examples.values(from + i, target, i * size);
            if (examples.hasMask()) {
                examples.mask(from + i, mask, i * size);
            }
        }
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) random.nextGaussian();
        }
        double[] logWeights = new double[count];
        try (NDManager pass = manager.newSubManager()) {
            var arguments = new NDList();
            for (Input input : script.inputs()) {
                arguments.add(
                        switch (input) {
                            case TARGET -> pass.create(target, shapes.inputs(count));
                            case MASK -> pass.create(mask, shapes.inputs(count));
                            case NOISE -> pass.create(noise, shapes.latents(count));
                            case CODE -> pass.create(mean, shapes.latents(count));
                            case CODE_LOG_VARIANCE -> pass.create(logVariance, shapes.latents(count));
                            case BETA -> pass.create(1f);
                            case X, MEMBERS, BLUR -> throw new IllegalStateException("no posterior takes " + input);
                        });
            }
            script.script().weights().forEach(key -> arguments.add(weights.get(key)));
            float[] negativeLogLikelihoods = compiled.run(arguments).get(0).toFloatArray();
            for (int i = 0; i < count; i++) {
                // log p(z) - log q(z | x); what both have of pi cancels out.
                double difference = 0;
                for (int j = i * width; j < (i + 1) * width; j++) {
                    double z = mean[j] + Math.exp(0.5 * logVariance[j]) * noise[j];
                    difference += 0.5 * (logVariance[j] + (double) noise[j] * noise[j] - z * z);
                }
                logWeights[i] = difference - negativeLogLikelihoods[i];
            }
        }
        return logWeights;
    }

    @Override
    public void close() {
        compiled.close();
        manager.close();
    }
}
