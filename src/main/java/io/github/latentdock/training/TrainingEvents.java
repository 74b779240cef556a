package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Losses;
import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a training as server-sent events. Whatever they tell stands in its row and its epochs', and their ids are the row's
 * revisions, so any replica can go on where another one stopped. When this process is told to stop, streams end at once, and their
 * clients take them up elsewhere.
 */
@Component
@ConditionalOnTraining
final class TrainingEvents implements ApplicationListener<ContextClosedEvent> {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    /** A client that left is noticed by writing to it, so something is written even if nothing changes. */
    private static final Duration BETWEEN_SIGNS_OF_LIFE = Duration.ofSeconds(2);

    /** Each looks at the database twice a second. */
    private static final int MOST_AT_ONCE = 200;

    private final Trainings trainings;
    private final JsonMapper json;
    private final Semaphore streams = new Semaphore(MOST_AT_ONCE);
    private final CountDownLatch closed = new CountDownLatch(1);

    TrainingEvents(Trainings trainings, JsonMapper json) {
        this.trainings = trainings;
        this.json = json;
    }

    /** What {@code progress} tells. */
    record Change(
            Status status,
            int epochs,
            int epoch,
            int stepsPerEpoch,
            int step,
            @Nullable Losses losses,
            @Nullable Double imagesPerSecond,
            @Nullable Double secondsLeft) {

        static Change of(Training training) {
            Progress progress = training.progress();
            return new Change(
                    training.status(),
                    progress.epochs(),
                    progress.epoch(),
                    progress.stepsPerEpoch(),
                    progress.step(),
                    progress.losses(),
                    progress.imagesPerSecond(),
                    progress.secondsLeft());
        }
    }

    /** @param last the revision that the client knows */
    void stream(String id, long last, HttpServletResponse response) throws IOException {
        if (!streams.tryAcquire()) {
            throw Problem.of(Fault.OVERLOADED, "%d trainings are watched, no more are at once".formatted(MOST_AT_ONCE));
        }
        try {
            response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            // Proxies that collect answers before they pass them on are asked not to.
            response.setHeader("X-Accel-Buffering", "no");
            follow(id, last, response);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            streams.release();
        }
    }

    int watched() {
        return MOST_AT_ONCE - streams.availablePermits();
    }

    private void follow(String id, long last, HttpServletResponse response) throws IOException, InterruptedException {
        // Headers go out at once, and a client whose stream breaks comes back soon.
        write(response, "retry: 1000\n\n");
        long known = last;
        long written = System.nanoTime();
        while (true) {
            Training training = trainings.find(id).orElseThrow(ClientGoneException::new);
            if (training.revision() > known) {
                for (TrainingEpoch epoch : trainings.epochsAfter(id, known)) {
                    if (epoch.revision() <= training.revision()) {
                        write(response, epoch.revision(), "epoch", epoch);
                    }
                }
                known = training.revision();
                if (training.status().ended()) {
                    write(response, known, "end", training);
                    return;
                }
                write(response, known, "progress", Change.of(training));
                written = System.nanoTime();
            }
            if (System.nanoTime() - written > BETWEEN_SIGNS_OF_LIFE.toNanos()) {
                write(response, ":\n\n");
                written = System.nanoTime();
            }
            if (closed.await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    private static void write(HttpServletResponse response, String text) throws IOException {
        response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        response.flushBuffer();
    }

    private void write(HttpServletResponse response, long id, String event, Object data) throws IOException {
        OutputStream out = response.getOutputStream();
        out.write("id: %d\nevent: %s\ndata: ".formatted(id, event).getBytes(StandardCharsets.UTF_8));
        json.writer().without(StreamWriteFeature.AUTO_CLOSE_TARGET).writeValue(out, data);
        out.write("\n\n".getBytes(StandardCharsets.UTF_8));
        response.flushBuffer();
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        closed.countDown();
    }
}
