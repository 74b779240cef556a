package io.github.latentdock.inference;

import io.github.latentdock.autoencoder.LatentDensity;
import io.github.latentdock.autoencoder.LatentOptimizer;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What controllers ask of a model: rows go in, checked before they queue; rows come out, computed on a lane. */
@Component
final class Inference {

    private final Lanes lanes;
    private final InferenceMeters meters;
    private final InferenceProperties properties;

    Inference(Lanes lanes, InferenceMeters meters, InferenceProperties properties) {
        this.lanes = lanes;
        this.meters = meters;
        this.properties = properties;
    }

    /**
     * What is known of the latents of some examples.
     *
     * @param mean {@code [n, …latent shape]}
     * @param logVariance of a VAE's posterior
     */
    record Latents(Tensor mean, @Nullable Tensor logVariance) {}

    /** @throws Problem INVALID, MALFORMED or TOO_LARGE when these are no examples of the model */
    Tensor instances(LoadedModel model, String field, Payload payload, boolean resize) {
        return bounded(field, payload.rows(field, model.inputShape(), model.range(), resize));
    }

    /** @throws Problem INVALID, MALFORMED or TOO_LARGE when these are no latents of the model */
    Tensor latents(LoadedModel model, String field, Payload payload) {
        return bounded(field, payload.rows(field, model.latentShape()));
    }

    /**
     * Latents, or examples that stand for theirs.
     *
     * @param rows {@code [n, …latent shape]} or {@code [n, …input shape]}
     */
    record Either(Tensor rows, boolean isLatents) {}

    /** Tells latents from examples by their shape. */
    Either latentsOrInstances(LoadedModel model, String field, Payload payload) {
        Problem notLatents;
        try {
            return new Either(latents(model, field, payload), true);
        } catch (Problem problem) {
            notLatents = ofShape(problem);
        }
        try {
            return new Either(instances(model, field, payload, false), false);
        } catch (Problem notInstances) {
            throw Problem.invalid(
                    field,
                    "%s holds neither latents %s (%s) nor instances %s (%s) of model '%s'"
                            .formatted(
                                    field,
                                    Arrays.toString(model.latentShape()),
                                    notLatents.detail(),
                                    Arrays.toString(model.inputShape()),
                                    ofShape(notInstances).detail(),
                                    model.name()));
        }
    }

    /** What is wrong with rows of one sort may be right with the other, but not that there are too many. */
    private static Problem ofShape(Problem problem) {
        if (problem.fault() != Fault.INVALID && problem.fault() != Fault.MALFORMED) {
            throw problem;
        }
        return problem;
    }

    Tensor latents(LoadedModel model, Call call, Either either, boolean optimize) {
        return either.isLatents()
                ? either.rows()
                : encode(model, call, "interpolate", either.rows(), optimize).mean();
    }

    /**
     * @param operation what was asked, as its path says
     * @param optimize whether latents are searched for where there is no encoder
     * @throws Problem UNSUPPORTED_OPERATION when there is no encoder and none was wanted
     */
    Latents encode(LoadedModel model, Call call, String operation, Tensor x, boolean optimize) {
        if (!model.hasEncoder()) {
            requireOptimize(model, operation, optimize);
            return new Latents(search(model, call, Search.of(model, x)).latents(), null);
        }
        call.makeRoom(x.rows(), model.latentShape());
        List<Tensor> latents = lanes.call(model.encode(), x, x.rows(), call);
        return new Latents(latents.getFirst(), latents.size() > 1 ? latents.get(1) : null);
    }

    Tensor decode(LoadedModel model, Call call, Tensor z) {
        call.makeRoom(z.rows(), model.inputShape());
        return lanes.call(model.decode(z.rows()), z, z.rows(), call).getFirst();
    }

    /** Examples through the latent space and back, by the mean of a VAE's posterior. */
    Tensor reconstruct(LoadedModel model, Call call, Tensor x, boolean optimize) {
        if (!model.hasEncoder()) {
            requireOptimize(model, "reconstruct", optimize);
            return search(model, call, Search.of(model, x)).instances();
        }
        call.makeRoom(x.rows(), model.inputShape());
        return lanes.call(model.reconstruct(), x, x.rows(), call).getFirst();
    }

    /** What latents of a source are drawn from, as soon as it is fitted. */
    LatentDensity density(LoadedModel model, Call call, LatentSource source) {
        try {
            return model.densities().await(source, call);
        } catch (RuntimeException refused) {
            throw meters.counted(refused);
        }
    }

    /** Test-time latent optimisation. */
    Search.Found search(LoadedModel model, Call call, Search search) {
        long rows = search.x().rows();
        long starts = rows * search.settings().starts();
        // The answer while it is made and as it is given, and what searches keep while they go on.
        call.makeRoom(2 * (rows + Math.min(starts, LatentOptimizer.MOST_AT_ONCE)), model.inputShape());
        call.makeRoom(starts, model.latentShape());
        return lanes.call(model.optimize(), search, search.x().rows(), call);
    }

    private Tensor bounded(String field, Tensor rows) {
        if (rows.rows() > properties.maxRows()) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    field,
                    "%s has %d rows, %d at once are taken".formatted(field, rows.rows(), properties.maxRows()));
        }
        return rows;
    }

    private static void requireOptimize(LoadedModel model, String operation, boolean optimize) {
        if (!optimize) {
            throw Problem.of(
                    Fault.UNSUPPORTED_OPERATION,
                    "Model '%s' is an auto-decoder, which has no encoder to %s instances with: POST …/optimize finds latents by search, and so does …/%s?optimize=true; decode, denoise, sample, score and interpolate between latents work as well"
                            .formatted(model.name(), operation, operation));
        }
    }
}
