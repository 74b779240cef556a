package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.latentdock.autoencoder.SeededNoise;
import io.github.latentdock.inference.Inference.Latents;
import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;

/** {@code POST …/encode}: the latents of examples. */
@ModelMapping
class EncodeController {

    private final Inference inference;

    EncodeController(Inference inference) {
        this.inference = inference;
    }

    /**
     * @param instances {@code [n, …input shape]}
     * @param draw whether a VAE's latents are drawn from the posterior instead of being its mean
     * @param seed makes the draw repeatable
     */
    record EncodeRequest(
            Payload instances,
            @Nullable Boolean draw,
            @Nullable Long seed) implements TensorRequest {
        EncodeRequest {
            Required.field("instances", instances);
        }
    }

    /**
     * @param latents {@code [n, …latent shape]}
     * @param logVariances of a VAE's posterior, {@code [n, …latent shape]}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record EncodeResponse(Tensor latents, @Nullable Tensor logVariances) implements TensorResponse {
        @Override
        public Tensor tensor() {
            return latents;
        }

        @Override
        @JsonIgnore
        public ValueRange range() {
            return ValueRange.UNIT;
        }
    }

    @InferenceMapping("/encode")
    EncodeResponse encode(
            LoadedModel model,
            Call call,
            @RequestBody EncodeRequest request,
            @RequestParam(defaultValue = "false") boolean optimize,
            @RequestParam(defaultValue = "false") boolean resize) {
        Tensor instances = inference.instances(model, "instances", request.instances(), resize);
        Latents latents = inference.encode(model, call, instances, optimize);
        if (latents.logVariance() == null || !Boolean.TRUE.equals(request.draw())) {
            return new EncodeResponse(latents.mean(), latents.logVariance());
        }
        float[] drawn = SeededNoise.posterior(
                latents.mean().values(),
                latents.logVariance().values(),
                latents.mean().rowSize(),
                0,
                Seeds.orRandom(request.seed()));
        return new EncodeResponse(new Tensor(latents.mean().shape(), drawn), latents.logVariance());
    }
}
