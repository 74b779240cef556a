package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
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
     * @param instances the reconstructions {@code [n, …input shape]}
     * @param errors mean squared error of each
     */
    record ReconstructResponse(
            Tensor instances, float[] errors, @JsonIgnore ValueRange range) implements TensorResponse {
        @Override
        public Tensor tensor() {
            return instances;
        }
    }

    @InferenceMapping("/reconstruct")
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
