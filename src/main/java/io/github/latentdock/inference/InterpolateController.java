package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.latentdock.autoencoder.LatentPath;
import io.github.latentdock.inference.Inference.Either;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.ContentTypes;
import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;

/** {@code POST …/interpolate}: what lies between two examples, on a path through the latent space. */
@ModelMapping
class InterpolateController {

    private static final int DEFAULT_STEPS = 8;
    private static final int LEAST_STEPS = 2;

    private final Inference inference;
    private final InferenceProperties properties;

    InterpolateController(Inference inference, InferenceProperties properties) {
        this.inference = inference;
        this.properties = properties;
    }

    enum PathKind {
        /** A straight line. */
        @JsonProperty("linear")
        LINEAR,
        /** An arc around the origin (Shoemake 1985; White 2016), which keeps to where a Gaussian prior has its mass. */
        @JsonProperty("spherical")
        SPHERICAL
    }

    /**
     * Ends of paths.
     *
     * @param from where paths start: instances {@code [n, …input shape]} or latents {@code [n, …latent shape]}, told apart by their
     *     shape
     * @param to where they end: as many rows, of either sort
     * @param steps points on each path, both ends included
     * @param path linear is a straight line, spherical an arc around the origin, which keeps to where a Gaussian prior has its mass
     */
    @Schema(requiredProperties = {"from", "to"})
    record InterpolateRequest(
            Payload from,
            Payload to,

            @Schema(minimum = "2", defaultValue = "8") @Nullable
            Integer steps,

            @Schema(defaultValue = "linear") @Nullable PathKind path) {}

    /**
     * Paths. In a format other than JSON only the instances, {@code [n * steps, …input shape]}; in a picture each path is a row.
     *
     * @param instances what the points decode to, {@code [n, steps, …input shape]}
     * @param latents the points, {@code [n, steps, …latent shape]}
     */
    @Schema(requiredProperties = {"instances", "latents"})
    record InterpolateResponse(
            Tensor instances,
            Tensor latents,
            @JsonIgnore Tensor tensor,
            @JsonIgnore ValueRange range,
            @JsonIgnore int columns)
            implements TensorResponse {}

    /**
     * Interpolate between instances or latents.
     *
     * <p>Walks from each row of {@code from} to the same row of {@code to} through the latent space and decodes the points on the
     * way. Ends that are instances are encoded first; where there is no encoder that is 409, unless {@code optimize=true} asks for
     * latents found by search.
     */
    @ApiResponse(responseCode = "409", ref = "Unsupported")
    @PostMapping(
            path = "/interpolate",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = {
                MediaType.APPLICATION_JSON_VALUE,
                ContentTypes.RAW,
                ContentTypes.NPY,
                ContentTypes.PNG,
                ContentTypes.JPEG
            })
    InterpolateResponse interpolate(
            LoadedModel model,
            Call call,
            @RequestBody InterpolateRequest request,
            @RequestParam(defaultValue = "false") boolean optimize) {
        Either from = inference.latentsOrInstances(model, "from", request.from());
        Either to = inference.latentsOrInstances(model, "to", request.to());
        int rows = from.rows().rows();
        if (rows != to.rows().rows()) {
            throw Problem.invalid(
                    "to", "to has %d rows, from has %d".formatted(to.rows().rows(), rows));
        }
        int steps = steps(request.steps(), rows);
        Tensor path = path(
                inference.latents(model, call, from, optimize),
                inference.latents(model, call, to, optimize),
                steps,
                request.path() == PathKind.SPHERICAL ? LatentPath.SPHERICAL : LatentPath.LINEAR);
        Tensor decoded = inference.decode(model, call, path);
        return new InterpolateResponse(grouped(decoded, steps), grouped(path, steps), decoded, model.range(), steps);
    }

    private int steps(@Nullable Integer asked, int rows) {
        int steps = asked == null ? DEFAULT_STEPS : asked;
        int most = properties.maxRows() / rows;
        if (most < LEAST_STEPS) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    "from",
                    "from has %d rows, which are %d with %d steps each; %d rows by steps at once are taken"
                            .formatted(rows, (long) rows * steps, steps, properties.maxRows()));
        }
        if (steps < LEAST_STEPS || steps > most) {
            throw Problem.invalid(
                    "steps",
                    "steps is %d, %d to %d are possible for %d rows, since %d rows by steps at once are taken"
                            .formatted(steps, LEAST_STEPS, most, rows, properties.maxRows()));
        }
        return steps;
    }

    private static Tensor path(Tensor from, Tensor to, int steps, LatentPath path) {
        int size = from.rowSize();
        int[] shape = from.shape();
        shape[0] *= steps;
        float[] points = new float[Math.toIntExact(Tensor.size(shape))];
        for (int row = 0; row < from.rows(); row++) {
            float[] start = Arrays.copyOfRange(from.values(), row * size, (row + 1) * size);
            float[] end = Arrays.copyOfRange(to.values(), row * size, (row + 1) * size);
            System.arraycopy(path.points(start, end, steps), 0, points, row * steps * size, steps * size);
        }
        return new Tensor(shape, points);
    }

    /** From {@code [n · steps, …]} to {@code [n, steps, …]}. */
    private static Tensor grouped(Tensor rows, int steps) {
        int[] flat = rows.shape();
        int[] shape = new int[flat.length + 1];
        shape[0] = flat[0] / steps;
        shape[1] = steps;
        System.arraycopy(flat, 1, shape, 2, flat.length - 1);
        return new Tensor(shape, rows.values());
    }
}
