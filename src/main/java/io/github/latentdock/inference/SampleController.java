package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.github.latentdock.autoencoder.LatentDensity;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.ContentTypes;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
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
     * @param count how many
     * @param seed makes the samples repeatable; sample i of a seed is the same whatever the count
     * @param temperature scales the standard deviation of the density, 1 when absent
     * @param source the density; when absent, the mixture where the model has training codes, else the prior
     */
    record SampleRequest(
            @Nullable Integer count,
            @Nullable Long seed,
            @Nullable Double temperature,
            @Nullable LatentSource source) {
        SampleRequest {
            Required.field("count", count);
            if (temperature != null && !(temperature >= 0 && temperature <= HIGHEST_TEMPERATURE)) {
                throw Problem.invalid(
                        "temperature",
                        "temperature is %s, 0 to %s are possible".formatted(temperature, HIGHEST_TEMPERATURE));
            }
        }
    }

    /**
     * @param instances {@code [count, …input shape]}
     * @param latents {@code [count, …latent shape]}
     * @param seed the seed that gives the same samples again
     * @param source the density they were drawn from
     */
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
        LatentSource source = request.source() == null ? model.defaultSource() : request.source();
        LatentDensity density = model.density(source);
        float[] latents = density.sample(count, request.temperature() == null ? 1 : request.temperature(), seed);
        Tensor z = new Tensor(model.latentRows(count), latents);
        return new SampleResponse(inference.decode(model, call, z), z, seed, source, model.range());
    }
}
