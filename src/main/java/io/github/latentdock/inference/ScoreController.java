package io.github.latentdock.inference;

import io.github.latentdock.autoencoder.ErrorQuantiles;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.ContentTypes;
import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * {@code POST …/score}: how badly a model explains examples, and how unusual that is among the errors of data that was held out
 * from its training.
 */
@ModelMapping
class ScoreController {

    private static final double FALSE_ALARM_RATE = 0.05;

    private final Inference inference;

    ScoreController(Inference inference) {
        this.inference = inference;
    }

    /**
     * What to score.
     *
     * @param instances {@code [n, …input shape]}
     * @param falseAlarmRate share of ordinary instances that may be called anomalous, above 0 and below 1
     */
    @Schema(requiredProperties = "instances")
    record ScoreRequest(
            Payload instances,

            @Schema(exclusiveMaximumValue = 1, defaultValue = "0.05") @Nullable
            Double falseAlarmRate)
            implements TensorRequest {
        ScoreRequest {
            if (falseAlarmRate != null && !(falseAlarmRate > 0 && falseAlarmRate < 1)) {
                throw Problem.invalid(
                        "falseAlarmRate",
                        "falseAlarmRate is %s, a number above 0 and below 1 is needed".formatted(falseAlarmRate));
            }
        }
    }

    /**
     * Scores, {@code [n]} each.
     *
     * @param scores the mean squared error of each instance's reconstruction
     * @param quantiles the share of held-out instances whose error was smaller, 0 to 1; null when the manifest has no
     *     {@code errorQuantiles}
     * @param anomalous whether the error exceeds the one that {@code falseAlarmRate} of the held-out instances exceed; null likewise
     */
    @Schema(requiredProperties = {"scores", "quantiles", "anomalous"})
    record ScoreResponse(
            float[] scores,
            @Schema(types = {"array", "null"}) double @Nullable [] quantiles,
            @Schema(types = {"array", "null"}) boolean @Nullable [] anomalous) {}

    /**
     * Score instances by how unusual they are.
     *
     * <p>Reconstructs each instance, by search where there is no encoder, and compares the error with those of data that was held
     * out when the model was trained.
     */
    @PostMapping(
            path = "/score",
            consumes = {
                MediaType.APPLICATION_JSON_VALUE,
                ContentTypes.RAW,
                ContentTypes.NPY,
                ContentTypes.PNG,
                ContentTypes.JPEG
            },
            produces = MediaType.APPLICATION_JSON_VALUE)
    ScoreResponse score(
            LoadedModel model,
            Call call,
            @RequestBody ScoreRequest request,
            @RequestParam(defaultValue = "false") boolean resize) {
        Tensor x = inference.instances(model, "instances", request.instances(), resize);
        float[] scores = ReconstructionError.perRow(x, inference.reconstruct(model, call, x, true));
        ErrorQuantiles heldOut = model.errorQuantiles();
        if (heldOut == null) {
            return new ScoreResponse(scores, null, null);
        }
        double threshold =
                threshold(heldOut, request.falseAlarmRate() == null ? FALSE_ALARM_RATE : request.falseAlarmRate());
        double[] quantiles = new double[scores.length];
        boolean[] anomalous = new boolean[scores.length];
        for (int i = 0; i < scores.length; i++) {
            quantiles[i] = heldOut.quantileOf(scores[i]);
            anomalous[i] = scores[i] > threshold;
        }
        return new ScoreResponse(scores, quantiles, anomalous);
    }

    private static double threshold(ErrorQuantiles heldOut, double falseAlarmRate) {
        try {
            return heldOut.threshold(falseAlarmRate);
        } catch (IllegalArgumentException beyond) {
            throw Problem.invalid("falseAlarmRate", String.valueOf(beyond.getMessage()));
        }
    }
}
