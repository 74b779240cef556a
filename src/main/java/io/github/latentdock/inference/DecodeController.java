package io.github.latentdock.inference;

import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import io.swagger.v3.oas.annotations.media.Schema;
import org.springframework.web.bind.annotation.RequestBody;

/** {@code POST …/decode}: the examples that latents stand for. */
@ModelMapping
class DecodeController {

    private final Inference inference;

    DecodeController(Inference inference) {
        this.inference = inference;
    }

    /**
     * What to decode.
     *
     * @param latents {@code [n, …latent shape]}
     */
    @Schema(requiredProperties = "latents")
    record DecodeRequest(Payload latents) implements TensorRequest {}

    /**
     * Decode latents.
     *
     * <p>Gives the instance that each latent stands for. Every kind of model decodes.
     */
    @InferenceMapping("/decode")
    InstancesResponse decode(LoadedModel model, Call call, @RequestBody DecodeRequest request) {
        Tensor latents = inference.latents(model, "latents", request.latents());
        return new InstancesResponse(inference.decode(model, call, latents), model.range());
    }
}
