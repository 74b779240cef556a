package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Losses;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** How fast a run is, over all of it so far: that is what tells best how long the rest takes, validation and all. */
final class Pace {

    private final InstantSource clock;
    private final Instant start;
    private long steps;
    private long examples;

    Pace(InstantSource clock) {
        this.clock = clock;
        this.start = clock.instant();
    }

    /** After a batch of so many examples: the last of an epoch may have fewer than the others, and of a small set all have. */
    void step(int batch) {
        steps++;
        examples += batch;
    }

    /** 0 before the first step. */
    double imagesPerSecond() {
        double seconds = seconds();
        return seconds <= 0 ? 0 : examples / seconds;
    }

    Progress progress(TrainingLoop loop, @Nullable Losses latest) {
        long left = loop.finished() ? 0 : (long) (loop.epochs() - loop.epoch()) * loop.stepsPerEpoch() - loop.step();
        boolean known = steps > 0 && seconds() > 0;
        return new Progress(
                loop.epochs(),
                loop.epoch(),
                loop.stepsPerEpoch(),
                loop.step(),
                latest,
                known ? (Double) imagesPerSecond() : null,
                known ? (Double) (left * seconds() / steps) : null);
    }

    private double seconds() {
        return Duration.between(start, clock.instant()).toNanos() / 1e9;
    }
}
