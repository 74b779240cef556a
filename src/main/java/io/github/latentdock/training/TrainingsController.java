package io.github.latentdock.training;

import io.github.latentdock.problem.Problem;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** {@code /v1/trainings}: asks for trainings, looks at them, stops them, sends them on and removes them. */
@RestController
@RequestMapping(path = "/v1/trainings", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnTraining
@Tag(name = "trainings")
@ApiResponse(responseCode = "406", ref = "NotAcceptable")
@ApiResponse(responseCode = "400", ref = "BadRequest")
@ApiResponse(responseCode = "500", ref = "Failed")
@ApiResponse(responseCode = "503", ref = "Unavailable")
class TrainingsController {

    private static final int MOST_LISTED = 200;

    private final Trainings trainings;
    private final TrainingQueue queue;
    private final Removal removal;
    private final PlanCheck check;

    TrainingsController(Trainings trainings, TrainingQueue queue, Removal removal, PlanCheck check) {
        this.trainings = trainings;
        this.queue = queue;
        this.removal = removal;
        this.check = check;
    }

    /**
     * Trainings.
     *
     * @param trainings newest first
     * @param next what {@code before} must be to get the next ones; absent when there are none
     */
    @Schema(requiredProperties = "trainings")
    @com.fasterxml.jackson.annotation.JsonInclude(com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL)
    record TrainingList(List<Training> trainings, @Nullable String next) {}

    /**
     * Ask for a training.
     *
     * <p>Checks the whole plan and answers 422 with everything that is wrong with it, and 429 when too many trainings wait already.
     * What is taken waits for a worker; it survives
     * crashes and restarts, and ends as the next version of its model. Everything but {@code model}, {@code dataset},
     * {@code objective} and {@code network} has a default; the answer has them all written out.
     */
    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    @Operation(operationId = "createTraining")
    @ApiResponse(
            responseCode = "202",
            description = "Taken",
            useReturnTypeSchema = true,
            headers =
                    @Header(
                            name = "Location",
                            description = "The path of the training",
                            required = true,
                            schema =
                                    @Schema(
                                            type = "string",
                                            example = "/v1/trainings/0b6a3e0e-6f0c-4f3a-9b51-6d2f4f6f6a10")))
    @ApiResponse(responseCode = "400", ref = "BadRequest")
    @ApiResponse(responseCode = "408", ref = "RequestTimeout")
    @ApiResponse(responseCode = "413", ref = "TooLarge")
    @ApiResponse(responseCode = "415", ref = "UnsupportedContent")
    @ApiResponse(responseCode = "422", ref = "Invalid")
    @ApiResponse(responseCode = "429", ref = "Overloaded")
    ResponseEntity<Training> create(@RequestBody PlanRequest plan) {
        Training training = queue.submit(check.check(plan));
        return ResponseEntity.accepted()
                .location(URI.create("/v1/trainings/" + training.id()))
                .body(training);
    }

    /**
     * List trainings.
     *
     * <p>Newest first, in pages: {@code next} of one is {@code before} of the next.
     *
     * @param status only those in this status
     * @param limit at most so many
     * @param before only those that are older than this training
     */
    @GetMapping
    @Operation(operationId = "listTrainings")
    @ApiResponse(responseCode = "200", description = "What there is", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "400", ref = "BadRequest")
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "422", ref = "Invalid")
    TrainingList list(
            @RequestParam(required = false) @Nullable Status status,
            @Schema(minimum = "1", maximum = "200") @RequestParam(defaultValue = "50") int limit,
            @RequestParam(required = false) @Nullable String before) {
        if (limit < 1 || limit > MOST_LISTED) {
            throw Problem.invalid("limit", "limit is %d, 1 to %d are possible".formatted(limit, MOST_LISTED));
        }
        // One more, to know whether there is a next page.
        List<Training> found = trainings.list(status, before == null ? null : trainings.require(before), limit + 1);
        return found.size() <= limit
                ? new TrainingList(found, null)
                : new TrainingList(found.subList(0, limit), found.get(limit - 1).id());
    }

    /**
     * Look at a training.
     *
     * <p>Its status, its plan, how far it is, and what came of it. {@code /events} tells the same as it changes.
     */
    @GetMapping("/{training}")
    @Operation(operationId = "getTraining")
    @ApiResponse(responseCode = "200", description = "The training", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "404", ref = "NotFound")
    Training get(@PathVariable String training) {
        return trainings.require(training);
    }

    /**
     * Cancel a training.
     *
     * <p>One that waits is CANCELLED at once; one that runs is CANCELLING, stops within a batch, and keeps a checkpoint. Refused with
     * 409 when it has ended already.
     */
    @PostMapping("/{training}/cancel")
    @Operation(operationId = "cancelTraining")
    @ApiResponse(responseCode = "200", description = "The training as it is now", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "409", ref = "Conflict")
    Training cancel(@PathVariable String training) {
        return queue.cancel(training);
    }

    /**
     * Resume a training.
     *
     * <p>Sends one that FAILED or was CANCELLED back to the queue. It goes on from its last checkpoint and ends with the weights
     * that it would have had without the break. Refused with 409 in any other status, with 429 when too many trainings wait.
     */
    @PostMapping("/{training}/resume")
    @Operation(operationId = "resumeTraining")
    @ApiResponse(responseCode = "200", description = "The training as it is now", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "409", ref = "Conflict")
    @ApiResponse(responseCode = "429", ref = "Overloaded")
    Training resume(@PathVariable String training) {
        return queue.resume(training);
    }

    /**
     * Delete a training.
     *
     * <p>Removes one that SUCCEEDED, FAILED or was CANCELLED, with the metrics of its epochs and its checkpoints; it can no longer be
     * resumed. The version that it made stays. Refused with 409 while it has not ended: cancel it first.
     */
    @DeleteMapping(path = "/{training}", produces = MediaType.ALL_VALUE)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(operationId = "deleteTraining")
    @ApiResponse(responseCode = "204", description = "Deleted")
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "409", ref = "Conflict")
    void delete(@PathVariable String training) {
        removal.remove(training);
    }
}
