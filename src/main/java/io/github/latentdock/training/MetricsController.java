package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Losses;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the epochs of a training came to, as numbers and as a picture. */
@RestController
@RequestMapping("/v1/trainings/{training}")
@ConditionalOnTraining
@Tag(name = "trainings")
@ApiResponse(responseCode = "404", ref = "NotFound")
@ApiResponse(responseCode = "406", ref = "NotAcceptable")
@ApiResponse(responseCode = "400", ref = "BadRequest")
@ApiResponse(responseCode = "500", ref = "Failed")
@ApiResponse(responseCode = "503", ref = "Unavailable")
class MetricsController {

    private static final String CSV = "text/csv";
    private static final String HEADER = "epoch,loss,recon_loss,reg_loss,validation_loss,validation_recon_loss,"
            + "validation_reg_loss,seconds,images_per_second,ended\n";

    private final Trainings trainings;

    MetricsController(Trainings trainings) {
        this.trainings = trainings;
    }

    /**
     * What the epochs of a training came to.
     *
     * @param training the id of the training
     * @param epochs those that have ended, in order
     */
    @Schema(requiredProperties = {"training", "epochs"})
    record TrainingMetrics(String training, List<TrainingEpoch> epochs) {}

    /**
     * Get the metrics of a training.
     *
     * <p>The losses of each epoch that has ended, on the training examples and on those that are held out, as JSON or as CSV.
     */
    @GetMapping(path = "/metrics", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(operationId = "getTrainingMetrics")
    @ApiResponse(
            responseCode = "200",
            description = "The epochs",
            useReturnTypeSchema = true,
            content = {
                @Content(mediaType = MediaType.APPLICATION_JSON_VALUE),
                @Content(mediaType = CSV, schema = @Schema(type = "string"))
            })
    TrainingMetrics metrics(@PathVariable String training) {
        return new TrainingMetrics(training, epochs(training));
    }

    /** The same for a spreadsheet; documented with the other. */
    @GetMapping(path = "/metrics", produces = CSV)
    @Operation(hidden = true)
    ResponseEntity<String> csv(@PathVariable String training) {
        var csv = new StringBuilder(HEADER);
        for (TrainingEpoch epoch : epochs(training)) {
            csv.append(epoch.epoch());
            append(csv, epoch.training());
            append(csv, epoch.validation());
            csv.append(',').append(epoch.seconds());
            csv.append(',').append(epoch.imagesPerSecond());
            csv.append(',').append(epoch.ended()).append('\n');
        }
        return ResponseEntity.ok().body(csv.toString());
    }

    /**
     * Get the learning curve of a training.
     *
     * <p>A picture of the loss of each epoch that has ended: blue on the training examples, orange on those that are held out, as its
     * legend tells.
     */
    @GetMapping(path = "/curve.png", produces = MediaType.IMAGE_PNG_VALUE)
    @Operation(operationId = "getTrainingCurve")
    @ApiResponse(
            responseCode = "200",
            description = "The picture",
            content =
                    @Content(
                            mediaType = MediaType.IMAGE_PNG_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    byte[] curve(@PathVariable String training) {
        return Curve.png(epochs(training));
    }

    private List<TrainingEpoch> epochs(String training) {
        return trainings.epochs(trainings.require(training).id()).stream()
                .sorted(java.util.Comparator.comparingInt(TrainingEpoch::epoch))
                .toList();
    }

    private static void append(StringBuilder csv, @Nullable Losses losses) {
        if (losses == null) {
            csv.append(",,,");
        } else {
            csv.append(',').append(losses.loss());
            csv.append(',').append(losses.reconLoss());
            csv.append(',').append(losses.regLoss());
        }
    }
}
