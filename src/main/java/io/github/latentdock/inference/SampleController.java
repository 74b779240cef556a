package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.github.latentdock.autoencoder.LatentDensity;
import io.github.latentdock.autoencoder.UnitBall;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.ContentTypes;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;

/** {@code POST …/sample}: new examples, decoded from latents that are drawn from a density. */
@ModelMapping
class SampleController {

    private static final double HIGHEST_TEMPERATURE = 10;

    private final Inference inference;
    private final InferenceProperties properties;

    SampleController(Inference inference, InferenceProperties properties) {
        this.inference = inference;
        this.properties = properties;
    }

    /**
     * What to draw.
     *
     * @param count how many
     * @param seed makes the samples repeatable: sample i of a seed is the same whatever the count; random when absent
     * @param temperature scales the standard deviation of the density; of the unit ball, distances from its centre
     * @param source the density: the prior, which is standard normal or uniform in the unit ball as the manifest tells, or one
     *     Gaussian or a mixture of Gaussians fitted to the codes of the training data. When absent, the mixture where the model has
     *     codes, else the prior
     */
    @Schema(requiredProperties = "count")
    record SampleRequest(
            @Schema(minimum = "1") Integer count,
            @Nullable Long seed,

            @Schema(minimum = "0", maximum = "10", defaultValue = "1") @Nullable
            Double temperature,

            @Nullable LatentSource source) {
        SampleRequest {
            if (temperature != null && !(temperature >= 0 && temperature <= HIGHEST_TEMPERATURE)) {
                throw Problem.invalid(
                        "temperature",
                        "temperature is %s, 0 to %s are possible".formatted(temperature, HIGHEST_TEMPERATURE));
            }
        }
    }

    /**
     * What was drawn.
     *
     * @param instances {@code [count, …input shape]}
     * @param latents {@code [count, …latent shape]}
     * @param seed the seed that gives the same samples again
     * @param source the density they were drawn from
     */
    @Schema(requiredProperties = {"instances", "latents", "seed", "source"})
    record SampleResponse(
            Tensor instances,
            Tensor latents,
            long seed,
            LatentSource source,
            @JsonIgnore ValueRange range) implements TensorResponse {
        @Override
        public Tensor tensor() {
            return instances;
        }
    }

    /**
     * Sample new instances.
     *
     * <p>Draws latents from a density and decodes them. Densities other than the prior are fitted to {@code codes.safetensors} when
     * they are first wanted; a model without codes has only the prior, the others are 409. Where the manifest tells that latents lie
     * in the unit ball, what is drawn outside of it is cut to length 1.
     */
    @ApiResponse(responseCode = "409", ref = "Unsupported")
    @PostMapping(
            path = "/sample",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = {
                MediaType.APPLICATION_JSON_VALUE,
                ContentTypes.RAW,
                ContentTypes.NPY,
                ContentTypes.PNG,
                ContentTypes.JPEG
            })
    SampleResponse sample(LoadedModel model, Call call, @RequestBody SampleRequest request) {
        int count = request.count() == null ? 0 : request.count();
        if (count < 1 || count > properties.maxRows()) {
            throw Problem.invalid("count", "count is %d, 1 to %d are possible".formatted(count, properties.maxRows()));
        }
        long seed = Seeds.orRandom(request.seed());
        LatentSource source = request.source() == null ? model.densities().defaultSource() : request.source();
        LatentDensity density = inference.density(model, call, source);
        float[] latents = density.sample(count, request.temperature() == null ? 1 : request.temperature(), seed);
        if (model.isInUnitBall()) {
            UnitBall.shorten(latents, density.size());
        }
        Tensor z = new Tensor(model.latentRows(count), latents);
        return new SampleResponse(inference.decode(model, call, z), z, seed, source, model.range());
    }
}
