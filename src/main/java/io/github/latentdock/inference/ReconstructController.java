package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * {@code POST …/reconstruct} and {@code …/denoise}: examples through the latent space and back. Both are the same for an
 * autoencoder with an encoder; an auto-decoder denoises by optimising a latent, and reconstructs only when told to do so.
 */
@ModelMapping
class ReconstructController {

    private final Inference inference;

    ReconstructController(Inference inference) {
        this.inference = inference;
    }

    /**
     * What came back through the latent space.
     *
     * @param instances the reconstructions, {@code [n, …input shape]}
     * @param errors mean squared error of each, {@code [n]}
     */
    @Schema(requiredProperties = {"instances", "errors"})
    record ReconstructResponse(
            Tensor instances, float[] errors, @JsonIgnore ValueRange range) implements TensorResponse {
        @Override
        public Tensor tensor() {
            return instances;
        }
    }

    /**
     * Reconstruct instances.
     *
     * <p>Encodes and decodes each instance, a VAE by the mean of its posterior, and tells how far the result is from what was
     * sent. An auto-decoder has no encoder: that is 409, unless {@code optimize=true} asks for latents found by search.
     */
    @InferenceMapping("/reconstruct")
    @ApiResponse(responseCode = "409", ref = "Unsupported")
    ReconstructResponse reconstruct(
            LoadedModel model,
            Call call,
            @RequestBody InstancesRequest request,
            @RequestParam(defaultValue = "false") boolean optimize,
            @RequestParam(defaultValue = "false") boolean resize) {
        Tensor x = inference.instances(model, "instances", request.instances(), resize);
        Tensor reconstruction = inference.reconstruct(model, call, x, optimize);
        return new ReconstructResponse(reconstruction, ReconstructionError.perRow(x, reconstruction), model.range());
    }

    /**
     * Denoise instances.
     *
     * <p>Takes each instance to the nearest that the model can express: through encoder and decoder, or where there is no encoder
     * by optimising a latent. Works with every kind of model; one trained to denoise does it best.
     */
    @InferenceMapping("/denoise")
    InstancesResponse denoise(
            LoadedModel model,
            Call call,
            @RequestBody InstancesRequest request,
            @RequestParam(defaultValue = "false") boolean resize) {
        Tensor x = inference.instances(model, "instances", request.instances(), resize);
        return new InstancesResponse(inference.reconstruct(model, call, x, true), model.range());
    }
}
