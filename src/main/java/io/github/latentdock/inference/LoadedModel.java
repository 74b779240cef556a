package io.github.latentdock.inference;

import ai.djl.ndarray.NDManager;
import io.github.latentdock.autoencoder.Autoencoder;
import io.github.latentdock.autoencoder.ErrorQuantiles;
import io.github.latentdock.autoencoder.LatentOptimizer;
import io.github.latentdock.autoencoder.Posterior;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A version in memory, with the queues of its operations. Whoever uses one holds it; its native memory is freed when the last
 * one lets go.
 */
final class LoadedModel {

    private static final Logger log = LoggerFactory.getLogger(LoadedModel.class);

    private final Manifest manifest;
    private final int version;
    private final NDManager manager;
    private final Autoencoder autoencoder;
    private final LatentOptimizer optimizer;
    private final Densities densities;
    private final LaneQueue<Tensor, List<Tensor>> encode;
    private final LaneQueue<Tensor, List<Tensor>> decode;
    private final LaneQueue<Tensor, List<Tensor>> decodeMany;
    private final LaneQueue<Tensor, List<Tensor>> reconstruct;
    private final LaneQueue<Search, Search.Found> optimize;
    private final int batchRows;

    /** Who uses this model; one of them is the table of loaded models. At 0 it is closed for good. */
    private final AtomicInteger holds = new AtomicInteger(1);

    private volatile long lastUsed = System.nanoTime();
    private volatile Runnable onClose = () -> {};

    /** @param manager owns what is computed for this model, and is closed with it */
    LoadedModel(
            Manifest manifest,
            int version,
            NDManager manager,
            Autoencoder autoencoder,
            LatentOptimizer optimizer,
            Densities densities,
            InferenceProperties properties) {
        this.manifest = manifest;
        this.version = version;
        this.manager = manager;
        this.autoencoder = autoencoder;
        this.optimizer = optimizer;
        this.densities = densities;
        this.batchRows = properties.batchRows();
        var encoding = new NetworkBatch(
                manager,
                x -> {
                    Posterior posterior = autoencoder.encode(x);
                    return posterior.logVariance() == null
                            ? List.of(posterior.mean())
                            : List.of(posterior.mean(), posterior.logVariance());
                },
                "instances",
                batchRows);
        var decoding = new NetworkBatch(manager, z -> List.of(autoencoder.decode(z)), "latents", batchRows);
        var reconstructing = new NetworkBatch(
                manager, x -> List.of(autoencoder.decode(autoencoder.encode(x).mean())), "instances", batchRows);
        this.encode = queue("encode", false, properties, encoding);
        this.decode = queue("decode", false, properties, decoding);
        this.decodeMany = queue("decode-many", true, properties, decoding);
        this.reconstruct = queue("reconstruct", false, properties, reconstructing);
        this.optimize = queue(
                "optimize",
                true,
                properties,
                new SearchBatch(optimizer, manifest.latent().shape()));
    }

    private <I, O> LaneQueue<I, O> queue(
            String operation, boolean isLong, InferenceProperties properties, LaneQueue.Batch<I, O> batch) {
        return new LaneQueue<>(this, operation, isLong, properties.queueRows(), batchRows, batch);
    }

    String name() {
        return manifest.name();
    }

    int version() {
        return version;
    }

    int[] inputShape() {
        return manifest.input().shape();
    }

    int[] latentShape() {
        return manifest.latent().shape();
    }

    /** {@code [rows, …latent shape]} */
    int[] latentRows(int rows) {
        int[] shape = new int[latentShape().length + 1];
        shape[0] = rows;
        System.arraycopy(latentShape(), 0, shape, 1, latentShape().length);
        return shape;
    }

    /** What black and white stand for; [0, 1] where the manifest does not tell. */
    ValueRange range() {
        Manifest.Range range = manifest.input().range();
        return range == null ? ValueRange.UNIT : new ValueRange((float) range.low(), (float) range.high());
    }

    /** How many of a latent's first values belong to an example's group; null unless this is a multi-level VAE. */
    @Nullable
    Integer groupSize() {
        return manifest.latent().group();
    }

    /** How latents are searched, where nobody asks for something else. */
    LatentOptimizer.Settings searchDefaults() {
        return optimizer.defaults();
    }

    /** Whether latents are kept in the unit ball, and only searched there. */
    boolean isInUnitBall() {
        return manifest.latent().inUnitBall();
    }

    boolean hasEncoder() {
        return autoencoder.hasEncoder();
    }

    @Nullable
    ErrorQuantiles errorQuantiles() {
        return manifest.errorQuantiles();
    }

    LaneQueue<Tensor, List<Tensor>> encode() {
        return encode;
    }

    /** Many rows hold a lane for long, and wait apart from few. */
    LaneQueue<Tensor, List<Tensor>> decode(int rows) {
        return rows > batchRows ? decodeMany : decode;
    }

    LaneQueue<Tensor, List<Tensor>> reconstruct() {
        return reconstruct;
    }

    LaneQueue<Search, Search.Found> optimize() {
        return optimize;
    }

    List<LaneQueue<?, ?>> queues() {
        return List.of(encode, decode, decodeMany, reconstruct, optimize);
    }

    Densities densities() {
        return densities;
    }

    /** Starts a use, unless the model is closed already; {@link #release} ends it. */
    boolean retain() {
        int before = holds.getAndUpdate(count -> count == 0 ? 0 : count + 1);
        lastUsed = System.nanoTime();
        return before > 0;
    }

    void release() {
        if (holds.decrementAndGet() == 0) {
            optimizer.close();
            autoencoder.close();
            manager.close();
            onClose.run();
            log.info("Closed version {} of model '{}'; its native memory is free", version, name());
        }
    }

    /** What happens once the native memory is free. */
    void onClose(Runnable action) {
        onClose = action;
    }

    long idleNanos() {
        return System.nanoTime() - lastUsed;
    }
}
