package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An autoencoder whose network a manifest declares. Its weights belong to it; no gradient is computed for them unless somebody
 * asks for it at {@link #parameters()}.
 */
public final class DeclaredAutoencoder implements Autoencoder {

    private final Network network;
    private final NDManager manager;
    private final SequencedMap<String, NDArray> weights;
    private final @Nullable Half encoder;
    private final Half decoder;
    private @Nullable Half trainedEncoder;
    private @Nullable Half trainedDecoder;

    private DeclaredAutoencoder(Network network, NDManager manager, SequencedMap<String, NDArray> weights) {
        this.network = network;
        this.manager = manager;
        this.weights = weights;
        this.encoder = network.hasEncoder() ? half(network.encoder(false)) : null;
        this.decoder = half(network.decoder(false));
    }

    /**
     * @param weights are copied; may be closed afterwards
     * @throws InvalidModelException naming every weight that is missing, left over, of a wrong shape, or not finite
     */
    public static DeclaredAutoencoder load(Network network, Safetensors weights) {
        List<Fault> faults = network.check(weights.shapes());
        if (!faults.isEmpty()) {
            throw new InvalidModelException(faults);
        }
        weights.requireFinite();
        NDManager manager = NDManager.newBaseManager();
        try {
            var arrays = new LinkedHashMap<String, NDArray>();
            network.weights().forEach((key, shape) -> {
                String stored = network.storedKey(key, weights.entries().keySet());
                arrays.put(key, array(weights, stored, shape, manager));
            });
            return new DeclaredAutoencoder(network, manager, arrays);
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    /**
     * @param weights every weight of the network, by its key
     * @throws IllegalArgumentException when one is missing or of another shape
     */
    static DeclaredAutoencoder of(Network network, Map<String, Safetensors.Values> weights) {
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        try {
            var arrays = new LinkedHashMap<String, NDArray>();
            network.weights().forEach((key, shape) -> {
                Safetensors.Values values = weights.get(key);
                if (values == null || !Arrays.equals(values.shape(), shape)) {
                    throw new IllegalArgumentException(
                            "no weight '%s' of shape %s".formatted(key, Arrays.toString(shape)));
                }
                arrays.put(key, array(values, manager));
            });
            return new DeclaredAutoencoder(network, manager, arrays);
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    /** In PyTorch's own memory. */
    static NDArray array(Safetensors.Values values, NDManager manager) {
        var shape = new Shape(Arrays.stream(values.shape()).asLongStream().toArray());
        return NativeFloats.copy(values.values(), shape, manager);
    }

    private static NDArray array(Safetensors weights, String key, int[] shape, NDManager manager) {
        var dimensions = new Shape(Arrays.stream(shape).asLongStream().toArray());
        // PyTorch would go on using the file's mapping, or Java's buffer, in place; the copy is PyTorch's own.
        try (NDArray view = weights.entries().get(key) instanceof Safetensors.Entry entry
                        && entry.dtype() == Dtype.F32
                        && entry.begin() % Float.BYTES == 0
                ? manager.create(weights.bytes(key), dimensions, DataType.FLOAT32)
                : manager.create(weights.floats(key), dimensions)) {
            return view.duplicate();
        }
    }

    @Override
    public boolean hasEncoder() {
        return encoder != null;
    }

    @Override
    public Posterior encode(NDArray x) {
        return posterior(required(encoder).run(x, null));
    }

    @Override
    public NDArray decode(NDArray z) {
        return decoder.run(z, null).head();
    }

    /**
     * Encodes as training does: batch normalisation uses the batch's statistics and updates its running ones, and dropout drops.
     *
     * @param random where dropout draws from
     * @throws IllegalStateException when there is no encoder
     */
    public Posterior encode(NDArray x, RandomGenerator random) {
        required(encoder);
        return posterior(trainedEncoder().run(x, random));
    }

    /** Decodes as training does; see {@link #encode(NDArray, RandomGenerator)}. */
    public NDArray decode(NDArray z, RandomGenerator random) {
        return trainedDecoder().run(z, random).head();
    }

    /** What is learned, by key: the arrays themselves, to train them. */
    public SequencedMap<String, NDArray> parameters() {
        var parameters = new LinkedHashMap<>(weights);
        parameters.keySet().retainAll(network.parameters().keySet());
        return parameters;
    }

    /** Parameters and buffers by key, as PyTorch's {@code state_dict} has them: the arrays themselves. */
    public SequencedMap<String, NDArray> weights() {
        return Collections.unmodifiableSequencedMap(weights);
    }

    @Override
    public void close() {
        manager.close();
    }

    private synchronized Half trainedEncoder() {
        if (trainedEncoder == null) {
            trainedEncoder = half(network.encoder(true));
        }
        return trainedEncoder;
    }

    private synchronized Half trainedDecoder() {
        if (trainedDecoder == null) {
            trainedDecoder = half(network.decoder(true));
        }
        return trainedDecoder;
    }

    private static Half required(@Nullable Half encoder) {
        if (encoder == null) {
            throw new IllegalStateException("an auto-decoder has no encoder");
        }
        return encoder;
    }

    private static Posterior posterior(NDList results) {
        return new Posterior(results.get(0), results.size() > 1 ? results.get(1) : null);
    }

    private Half half(Network.Program program) {
        List<NDArray> needed = program.script().weights().stream()
                .map(key -> {
                    NDArray weight = weights.get(key);
                    if (weight == null) {
                        throw new IllegalStateException("no weight '%s'".formatted(key));
                    }
                    return weight;
                })
                .toList();
        return new Half(
                CompiledScript.compile(program.source(), manager),
                needed,
                program.script().dropouts());
    }

    /** The encoder or the decoder, with the weights that it needs in their order. */
    private record Half(CompiledScript script, List<NDArray> weights, List<Script.Dropped> dropouts) {

        NDList run(NDArray input, @Nullable RandomGenerator random) {
            var arguments = new NDList(1 + weights.size() + dropouts.size());
            arguments.add(input);
            arguments.addAll(weights);
            if (random != null) {
                int rows = Math.toIntExact(input.getShape().get(0));
                dropouts.forEach(dropout -> arguments.add(dropout.mask(rows, random, input.getManager())));
            }
            return script.run(arguments);
        }
    }
}
