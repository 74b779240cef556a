package io.github.latentdock.training;

import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /v1/trainings/{training}/events}: a training as it changes. */
@RestController
@RequestMapping("/v1/trainings/{training}")
@ConditionalOnTraining
@Tag(name = "trainings")
class EventsController {

    private final Trainings trainings;
    private final TrainingEvents events;

    EventsController(Trainings trainings, TrainingEvents events) {
        this.trainings = trainings;
        this.events = events;
    }

    /**
     * Watch a training.
     *
     * <p>Server-sent events: {@code epoch} when an epoch has ended, {@code progress} when anything has changed, at most twice a second,
     * and {@code end} with the training when it has ended, after which the stream ends, too. Each has an id; a client that comes back
     * with {@code Last-Event-ID}, to any replica, misses no epoch. A training may go on from before an epoch that it has told of; then a
     * {@code progress} tells fewer epochs, and those after them are told again, in place of what they were. When there is nothing more to come it gets 204, which tells an
     * {@code EventSource} to stay away. A stream that ends without {@code end} is to be taken up again.
     *
     * @param lastEvent the id of the last event that was received
     */
    @GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(operationId = "watchTraining")
    @ApiResponse(
            responseCode = "200",
            description = "The events",
            content = @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string")))
    @ApiResponse(responseCode = "204", description = "It has ended, and the client knows", content = @Content)
    @ApiResponse(responseCode = "400", ref = "BadRequest")
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "406", ref = "NotAcceptable")
    @ApiResponse(responseCode = "429", ref = "Overloaded")
    @ApiResponse(responseCode = "500", ref = "Failed")
    @ApiResponse(responseCode = "503", ref = "Unavailable")
    void events(
            @PathVariable String training,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEvent,
            HttpServletResponse response)
            throws IOException {
        long last = revision(lastEvent);
        Training found = trainings.require(training);
        if (found.status().ended() && last >= found.revision()) {
            response.setStatus(HttpStatus.NO_CONTENT.value());
            return;
        }
        events.stream(found.id(), last, response);
    }

    private static long revision(@Nullable String lastEvent) {
        if (lastEvent == null || lastEvent.isBlank()) {
            return 0;
        }
        try {
            return Long.parseLong(lastEvent.strip());
        } catch (NumberFormatException e) {
            throw Problem.malformed(
                    "Last-Event-ID",
                    "Last-Event-ID is '%s', the number of an event is needed".formatted(Words.shortened(lastEvent)));
        }
    }
}
