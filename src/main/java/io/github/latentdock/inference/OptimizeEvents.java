package io.github.latentdock.inference;

import io.github.latentdock.inference.OptimizeController.OptimizeResponse;
import io.github.latentdock.inference.Search.Progress;
import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.ProblemDetails;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes an optimisation as server-sent events: {@code progress} while the objectives fall, then {@code result}, or
 * {@code problem} when it could not be ended. A client that reads slowly misses progress but never holds up a lane.
 */
@Component
final class OptimizeEvents {

    private static final long MILLIS_BETWEEN = 50;

    private static final Logger log = LoggerFactory.getLogger(OptimizeEvents.class);

    private final JsonMapper json;
    private final InferenceHeaders headers;

    OptimizeEvents(JsonMapper json, InferenceHeaders headers) {
        this.json = json;
        this.headers = headers;
    }

    /**
     * @param optimization given who listens to its progress; throws a problem before or while it runs
     * @throws Problem of the optimisation, when no event was written yet
     */
    void stream(
            Call call,
            Function<Consumer<Progress>, OptimizeResponse> optimization,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var latest = new AtomicReference<@Nullable Progress>();
        var result = new CompletableFuture<OptimizeResponse>();
        Thread.startVirtualThread(() -> {
            try {
                result.complete(optimization.apply(latest::set));
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        var stream = new Stream(request, response);
        try {
            writeProgress(call, result, latest, stream);
            end(result, stream);
        } finally {
            // Whoever reads this is gone or has the result.
            call.abandon();
        }
    }

    private static void writeProgress(
            Call call,
            CompletableFuture<OptimizeResponse> result,
            AtomicReference<@Nullable Progress> latest,
            Stream stream)
            throws IOException {
        Progress written = null;
        boolean ended = false;
        while (!ended) {
            ended = await(result);
            if (!ended && call.clientIsGone()) {
                throw new ClientGoneException();
            }
            Progress progress = latest.get();
            // What failed before its first event is a plain problem, however far it came.
            if (progress != null && progress != written && !result.isCompletedExceptionally()) {
                stream.write("progress", progress);
                written = progress;
            }
        }
    }

    private static boolean await(CompletableFuture<OptimizeResponse> result) {
        try {
            result.get(MILLIS_BETWEEN, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private static void end(CompletableFuture<OptimizeResponse> result, Stream stream) throws IOException {
        switch (result.state()) {
            case SUCCESS -> stream.write("result", result.resultNow());
            case FAILED -> {
                switch (result.exceptionNow()) {
                    case ClientGoneException gone -> throw gone;
                    case Problem problem -> stream.fail(problem, ProblemDetails.of(problem));
                    case Throwable failure -> {
                        var unexpected = new IllegalStateException("Optimisation failed", failure);
                        if (stream.begun) {
                            log.error("An optimisation failed; its stream of events ends with a problem", failure);
                        }
                        stream.fail(unexpected, ProblemDetails.unexpected());
                    }
                }
            }
            case RUNNING, CANCELLED -> throw new ClientGoneException();
        }
    }

    /** An answer that begins with its first event: until then it can still be a plain problem. */
    private final class Stream {

        private final HttpServletRequest request;
        private final HttpServletResponse response;
        private boolean begun;

        Stream(HttpServletRequest request, HttpServletResponse response) {
            this.request = request;
            this.response = response;
        }

        void write(String event, Object data) throws IOException {
            if (!begun) {
                begun = true;
                response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
                response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
                headers.begin(request, response);
            }
            OutputStream out = response.getOutputStream();
            out.write("event: %s\ndata: ".formatted(event).getBytes(StandardCharsets.UTF_8));
            json.writer().without(StreamWriteFeature.AUTO_CLOSE_TARGET).writeValue(out, data);
            out.write("\n\n".getBytes(StandardCharsets.UTF_8));
            response.flushBuffer();
        }

        void fail(RuntimeException failure, ProblemDetail details) throws IOException {
            if (!begun) {
                throw failure;
            }
            request.setAttribute(InferenceInterceptor.LATE_STATUS, details.getStatus());
            details.setInstance(URI.create(request.getRequestURI()));
            write("problem", details);
        }
    }
}
