package io.github.latentdock.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A training, as its row tells.
 *
 * @param id what paths call it
 * @param status QUEUED: waits for a worker; RUNNING: is trained; CANCELLING: stops within a batch; CANCELLED: was stopped and can be
 *     resumed; SUCCEEDED: made a version; FAILED: could not go on and can be resumed
 * @param plan what is trained and how, with all defaults written out
 * @param datasetDigest the SHA-256 of the data set that the plan names
 * @param parentDigest what the files of the parent's version are known by: the SHA-256 of what {@code sha256sum codes.safetensors
 *     weights.safetensors} prints, or of {@code weights.safetensors} alone where there are no codes; absent without a parent
 * @param revision grows with every change; the id of events
 * @param attempt how often a worker has begun or taken it over
 * @param deaths how many workers died of it since its furthest checkpoint, or since it was last sent to the queue by somebody
 * @param worker which process trains it, or did last; absent before the first
 * @param progress how far it is
 * @param failure why it FAILED, or what did not work although it SUCCEEDED; absent when there is nothing to tell
 * @param version the number of the version it made; absent until it SUCCEEDED
 * @param created when it was asked for
 * @param started when it first ran; absent before
 * @param updated when it last changed
 * @param ended when it ended; absent until then
 */
@Schema(
        requiredProperties = {
            "id",
            "status",
            "plan",
            "datasetDigest",
            "revision",
            "attempt",
            "deaths",
            "epochs",
            "epoch",
            "stepsPerEpoch",
            "step",
            "created",
            "updated"
        })
@JsonInclude(JsonInclude.Include.NON_NULL)
record Training(
        String id,
        Status status,
        Plan plan,
        String datasetDigest,
        @Nullable String parentDigest,
        long revision,
        int attempt,
        int deaths,
        @Nullable String worker,
        @JsonUnwrapped Progress progress,
        @Nullable String failure,
        @Nullable Integer version,
        Instant created,
        @Nullable Instant started,
        Instant updated,
        @Nullable Instant ended) {

    Pinned pinned() {
        return new Pinned(datasetDigest, parentDigest);
    }
}
