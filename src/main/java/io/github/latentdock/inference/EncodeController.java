package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.latentdock.autoencoder.GroupEvidence;
import io.github.latentdock.autoencoder.SeededNoise;
import io.github.latentdock.inference.Inference.Latents;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.List;
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
     * What to encode.
     *
     * @param instances {@code [n, …input shape]}
     * @param draw whether a VAE's latents are drawn from the posterior instead of being its mean
     * @param seed makes the draw repeatable; random when absent
     * @param groups of a multi-level VAE: a number for each instance that says to which group it belongs. The group's part of the
     *     latents is then what all its members say together
     */
    @Schema(requiredProperties = "instances")
    record EncodeRequest(
            Payload instances,
            @Schema(defaultValue = "false") @Nullable Boolean draw,
            @Nullable Long seed,
            @Nullable List<Integer> groups)
            implements TensorRequest {

        /** Some generated clients send an empty list for none. */
        EncodeRequest {
            groups = groups == null || groups.isEmpty() ? null : groups;
        }
    }

    /**
     * What was encoded.
     *
     * @param latents {@code [n, …latent shape]}
     * @param logVariances logarithms of the variances of a VAE's posterior, {@code [n, …latent shape]}; absent for other kinds
     */
    @Schema(requiredProperties = "latents")
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

    /**
     * Encode instances.
     *
     * <p>Gives the latent of each instance: what the encoder of an autoencoder says, of a VAE the mean of the posterior and its
     * log-variances, or with {@code draw} a latent drawn from the posterior. An auto-decoder has no encoder: that is 409, unless
     * {@code optimize=true} asks for latents found by search, as optimize finds them with its defaults.
     */
    @InferenceMapping("/encode")
    @ApiResponse(responseCode = "409", ref = "Unsupported")
    EncodeResponse encode(
            LoadedModel model,
            Call call,
            @RequestBody EncodeRequest request,
            @RequestParam(defaultValue = "false") boolean optimize,
            @RequestParam(defaultValue = "false") boolean resize) {
        Tensor instances = inference.instances(model, "instances", request.instances(), resize);
        requireGroups(model, request.groups(), instances.rows());
        Latents latents =
                accumulated(model, inference.encode(model, call, "encode", instances, optimize), request.groups());
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

    private static void requireGroups(LoadedModel model, @Nullable List<Integer> groups, int rows) {
        if (groups == null) {
            return;
        }
        if (model.groupSize() == null) {
            throw Problem.invalid(
                    "groups",
                    "groups are for multi-level VAEs; no part of a latent of model '%s' belongs to a group"
                            .formatted(model.name()));
        }
        if (groups.size() != rows || groups.contains(null)) {
            throw Problem.invalid(
                    "groups",
                    "groups has %d numbers, one for each of %d instances is needed".formatted(groups.size(), rows));
        }
    }

    private static Latents accumulated(LoadedModel model, Latents latents, @Nullable List<Integer> groups) {
        Integer group = model.groupSize();
        if (groups == null || group == null || latents.logVariance() == null) {
            return latents;
        }
        GroupEvidence evidence = GroupEvidence.accumulate(
                latents.mean().values(),
                latents.logVariance().values(),
                latents.mean().rowSize(),
                group,
                groups);
        return new Latents(
                new Tensor(latents.mean().shape(), evidence.mean()),
                new Tensor(latents.mean().shape(), evidence.logVariance()));
    }
}
