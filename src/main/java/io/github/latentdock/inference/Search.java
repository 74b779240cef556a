package io.github.latentdock.inference;

import io.github.latentdock.autoencoder.LatentOptimizer;
import io.github.latentdock.tensor.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request's share of test-time latent optimisation.
 *
 * @param x what is known {@code [n, …input shape]}
 * @param mask 1 where a value of x was observed, 0 elsewhere; null when all were
 * @param listener told of the progress, on a lane, so it must return at once
 */
record Search(Tensor x, @Nullable Tensor mask, LatentOptimizer.Settings settings, Consumer<Progress> listener) {

    static final Consumer<Progress> SILENT = progress -> {};

    /**
     * @param iteration how many every instance that has not stopped has made
     * @param objectives the lowest so far of each instance
     */
    record Progress(int iteration, double[] objectives) {}

    /**
     * @param latents {@code [n, …latent shape]}
     * @param instances {@code [n, …input shape]}
     */
    record Found(Tensor latents, Tensor instances, double[] objectives, int[] iterations, boolean[] converged) {}

    /** Everything observed, with the settings that suit the model. */
    static Search of(LoadedModel model, Tensor x) {
        return new Search(x, null, model.searchDefaults(), SILENT);
    }

    Search listenedBy(Consumer<Progress> other) {
        return new Search(x, mask, settings, other);
    }
}
