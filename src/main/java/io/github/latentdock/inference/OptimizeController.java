package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.latentdock.autoencoder.LatentOptimizer;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.ContentTypes;
import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;

/** {@code POST …/optimize}: test-time latent optimisation, the inference of an auto-decoder, for every kind of model. */
@ModelMapping
class OptimizeController {

    private final Inference inference;
    private final InferenceProperties properties;
    private final OptimizeEvents events;

    OptimizeController(Inference inference, InferenceProperties properties, OptimizeEvents events) {
        this.inference = inference;
        this.properties = properties;
        this.events = events;
    }

    enum Loss {
        /** The squared error, summed over the observed values. */
        @JsonProperty("squared")
        SQUARED,
        /** The negative log-likelihood that the manifest names, summed over the observed values. */
        @JsonProperty("likelihood")
        LIKELIHOOD
    }

    /**
     * @param instances what is known, {@code [n, …input shape]}; what the mask hides may be any number
     * @param mask of the instances' shape, 1 where a value was observed and 0 elsewhere; all are when absent
     * @param loss squared when absent
     * @param prior weight of {@code |z|²}, 0.01 when absent
     * @param tolerance an instance stops when an iteration lowers its objective by less than this share of it
     * @param maxIterations iterations after which an instance stops in any case
     * @param starts start points that an instance is optimised from, the best result counting; 1 when absent
     * @param seed makes random start points repeatable
     */
    record OptimizeRequest(
            Payload instances,
            @Nullable Payload mask,
            @Nullable Loss loss,
            @Nullable Double prior,
            @Nullable Double tolerance,
            @Nullable Integer maxIterations,
            @Nullable Integer starts,
            @Nullable Long seed)
            implements TensorRequest {
        OptimizeRequest {
            Required.field("instances", instances);
        }
    }

    /**
     * @param latents the best latent found for each instance, {@code [n, …latent shape]}
     * @param instances what they decode to, {@code [n, …input shape]}
     * @param objectives loss and prior of each
     * @param iterations that each took
     * @param converged whether each stopped because its objective fell no further
     */
    record OptimizeResponse(
            Tensor latents,
            Tensor instances,
            double[] objectives,
            int[] iterations,
            boolean[] converged,
            @JsonIgnore ValueRange range)
            implements TensorResponse {
        @Override
        public Tensor tensor() {
            return instances;
        }
    }

    @InferenceMapping("/optimize")
    OptimizeResponse optimize(
            LoadedModel model,
            Call call,
            @RequestBody OptimizeRequest request,
            @RequestParam(defaultValue = "false") boolean resize) {
        return response(model, inference.search(model, call, search(model, request, resize)));
    }

    /** The same, telling the objectives while they fall. */
    @PostMapping(
            path = "/optimize",
            consumes = {
                MediaType.APPLICATION_JSON_VALUE,
                ContentTypes.RAW,
                ContentTypes.NPY,
                ContentTypes.PNG,
                ContentTypes.JPEG
            },
            produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    void optimizeEvents(
            LoadedModel model,
            Call call,
            @RequestBody OptimizeRequest request,
            @RequestParam(defaultValue = "false") boolean resize,
            HttpServletResponse response)
            throws IOException {
        Search search = search(model, request, resize);
        events.stream(
                call,
                listener -> response(model, inference.search(model, call, search.listenedBy(listener))),
                response);
    }

    private static OptimizeResponse response(LoadedModel model, Search.Found found) {
        return new OptimizeResponse(
                found.latents(),
                found.instances(),
                found.objectives(),
                found.iterations(),
                found.converged(),
                model.range());
    }

    private Search search(LoadedModel model, OptimizeRequest request, boolean resize) {
        Tensor x = inference.instances(model, "instances", request.instances(), resize);
        Tensor mask = request.mask() == null
                ? request.instances()
                        .observed("instances", model.inputShape(), resize)
                        .orElse(null)
                : checkedMask(request.mask().rows("mask", model.inputShape()), x.rows());
        return new Search(x, mask, settings(request), Search.SILENT);
    }

    private static Tensor checkedMask(Tensor mask, int rows) {
        if (mask.rows() != rows) {
            throw Problem.invalid("mask", "mask has %d rows, instances have %d".formatted(mask.rows(), rows));
        }
        for (int i = 0; i < mask.values().length; i++) {
            float value = mask.values()[i];
            if (value != 0 && value != 1) {
                throw Problem.invalid(
                        "mask[%d]".formatted(i / mask.rowSize()),
                        "mask holds %s, every value must be 1 (observed) or 0".formatted(value));
            }
        }
        return mask;
    }

    private LatentOptimizer.Settings settings(OptimizeRequest request) {
        LatentOptimizer.Settings defaults = LatentOptimizer.Settings.DEFAULT;
        return new LatentOptimizer.Settings(
                request.loss() == Loss.LIKELIHOOD ? LatentOptimizer.Loss.LIKELIHOOD : LatentOptimizer.Loss.SQUARED,
                between("prior", request.prior(), defaults.prior(), 0, 1e6),
                between("tolerance", request.tolerance(), defaults.tolerance(), 0, 1),
                between("maxIterations", request.maxIterations(), defaults.maxIterations(), properties.maxIterations()),
                between("starts", request.starts(), defaults.starts(), properties.maxStarts()),
                Seeds.orRandom(request.seed()),
                null);
    }

    private static double between(String field, @Nullable Double value, double absent, double least, double most) {
        if (value == null) {
            return absent;
        }
        if (!(value >= least && value <= most)) {
            throw Problem.invalid(field, "%s is %s, %s to %s are possible".formatted(field, value, least, most));
        }
        return value;
    }

    private static int between(String field, @Nullable Integer value, int absent, int most) {
        if (value == null) {
            return Math.min(absent, most);
        }
        if (value < 1 || value > most) {
            throw Problem.invalid(field, "%s is %d, 1 to %d are possible".formatted(field, value, most));
        }
        return value;
    }
}
