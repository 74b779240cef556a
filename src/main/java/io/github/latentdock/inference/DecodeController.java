package io.github.latentdock.inference;

import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import org.springframework.web.bind.annotation.RequestBody;

/** {@code POST …/decode}: the examples that latents stand for. */
@ModelMapping
class DecodeController {

    private final Inference inference;

    DecodeController(Inference inference) {
        this.inference = inference;
    }

    /** @param latents {@code [n, …latent shape]} */
    record DecodeRequest(Payload latents) implements TensorRequest {
        DecodeRequest {
            Required.field("latents", latents);
        }
    }

    @InferenceMapping("/decode")
    InstancesResponse decode(LoadedModel model, Call call, @RequestBody DecodeRequest request) {
        Tensor latents = inference.latents(model, "latents", request.latents());
        return new InstancesResponse(inference.decode(model, call, latents), model.range());
    }
}
