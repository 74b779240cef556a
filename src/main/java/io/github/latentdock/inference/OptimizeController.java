package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.latentdock.autoencoder.LatentOptimizer;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.ContentTypes;
import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
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
     * What was observed, and how to search.
     *
     * @param instances what is known, {@code [n, …input shape]}; what the mask hides may be any number
     * @param mask of the instances' shape, 1 where a value was observed and 0 elsewhere; when absent, all were
     * @param loss what decoded values cost: squared is the squared error, likelihood the negative log-likelihood that the manifest names, each summed over the
     *     observed values
     * @param prior weight of {@code |z|²} in the objective; when absent, 0.01, or 0 for a model whose latents are kept in the unit ball
     * @param tolerance an instance stops when an iteration lowers its objective by less than this share of it
     * @param maxIterations iterations after which an instance stops in any case
     * @param starts points that each instance is optimised from; the best result counts
     * @param seed makes random start points repeatable; random when absent
     */
    @Schema(requiredProperties = "instances")
    record OptimizeRequest(
            Payload instances,
            @Nullable Payload mask,
            @Schema(defaultValue = "squared") @Nullable Loss loss,

            @Schema(minimum = "0", maximum = "1000000") @Nullable
            Double prior,

            @Schema(minimum = "0", maximum = "1", defaultValue = "0.0002") @Nullable
            Double tolerance,

            @Schema(minimum = "1", defaultValue = "200") @Nullable
            Integer maxIterations,

            @Schema(minimum = "1", defaultValue = "1") @Nullable
            Integer starts,

            @Nullable Long seed)
            implements TensorRequest {}

    /**
     * What was found.
     *
     * @param latents the best latent found for each instance, {@code [n, …latent shape]}
     * @param instances what they decode to, {@code [n, …input shape]}
     * @param objectives loss plus prior of each, {@code [n]}
     * @param iterations how many the winning start of each took, {@code [n]}
     * @param converged whether each stopped because its objective fell no further, {@code [n]}
     */
    @Schema(requiredProperties = {"latents", "instances", "objectives", "iterations", "converged"})
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

    /**
     * Optimise latents for what was observed.
     *
     * <p>Finds, for each instance, the latent z that minimises the loss of decode(z) over the observed values plus
     * {@code prior * |z|²}: the inference of an auto-decoder, and for every kind a reconstruction that is better than the encoder's,
     * also where values are missing. The decoded instances fill in what was hidden by the mask; a picture's alpha channel is a mask,
     * too. Instances do not influence each other.
     *
     * <p>With {@code Accept: text/event-stream} the answer is a stream: {@code progress} events while the objectives fall, then one
     * {@code result} event that holds what the JSON answer does, or a {@code problem} event.
     */
    @InferenceMapping("/optimize")
    OptimizeResponse optimize(
            LoadedModel model,
            Call call,
            @RequestBody OptimizeRequest request,
            @RequestParam(defaultValue = "false") boolean resize) {
        return response(model, inference.search(model, call, search(model, request, resize)));
    }

    /** The same, telling the objectives while they fall; documented with the other. */
    @Operation(hidden = true)
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
            HttpServletRequest servletRequest,
            HttpServletResponse response)
            throws IOException {
        Search search = search(model, request, resize);
        events.stream(
                call,
                listener -> response(model, inference.search(model, call, search.listenedBy(listener))),
                servletRequest,
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
        return new Search(x, mask, settings(model, request), Search.SILENT);
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

    private LatentOptimizer.Settings settings(LoadedModel model, OptimizeRequest request) {
        LatentOptimizer.Settings defaults = model.searchDefaults();
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
