package io.github.latentdock.inference;

import io.github.latentdock.inference.OptimizeController.OptimizeResponse;
import io.github.latentdock.inference.Search.Progress;
import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
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

    private final JsonMapper json;

    OptimizeEvents(JsonMapper json) {
        this.json = json;
    }

    /** @param optimization given who listens to its progress; throws a problem before or while it runs */
    void stream(Call call, Function<Consumer<Progress>, OptimizeResponse> optimization, HttpServletResponse response)
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
        response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
        response.setHeader("Cache-Control", "no-store");
        try {
            writeProgress(call, result, latest, response);
        } finally {
            // Whoever reads this is gone or has the result.
            call.abandon();
        }
        end(result, response);
    }

    private void writeProgress(
            Call call,
            CompletableFuture<OptimizeResponse> result,
            AtomicReference<@Nullable Progress> latest,
            HttpServletResponse response)
            throws IOException {
        Progress written = null;
        boolean ended = false;
        while (!ended) {
            ended = await(result);
            if (!ended && call.clientIsGone()) {
                throw new ClientGoneException();
            }
            Progress progress = latest.get();
            if (progress != null && progress != written) {
                write(response, "progress", progress);
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

    private void end(CompletableFuture<OptimizeResponse> result, HttpServletResponse response) throws IOException {
        switch (result.state()) {
            case SUCCESS -> write(response, "result", result.resultNow());
            case FAILED -> {
                Throwable failure = result.exceptionNow();
                if (failure instanceof Problem problem && !response.isCommitted()) {
                    response.reset();
                    throw problem;
                }
                if (failure instanceof Problem problem) {
                    write(
                            response,
                            "problem",
                            Map.of(
                                    "type", problem.fault().type(),
                                    "detail", problem.detail(),
                                    "errors", problem.errors()));
                } else if (!(failure instanceof ClientGoneException)) {
                    throw new IllegalStateException("Optimisation failed", failure);
                }
            }
            case RUNNING, CANCELLED -> throw new ClientGoneException();
        }
    }

    private void write(HttpServletResponse response, String event, Object data) throws IOException {
        OutputStream out = response.getOutputStream();
        out.write("event: %s\ndata: ".formatted(event).getBytes(StandardCharsets.UTF_8));
        json.writer().without(StreamWriteFeature.AUTO_CLOSE_TARGET).writeValue(out, data);
        out.write("\n\n".getBytes(StandardCharsets.UTF_8));
        response.flushBuffer();
    }
}
