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
        return perSecond(examples, nanos());
    }

    /** To the millisecond, of which there is always one: nothing takes no time. */
    static double seconds(long nanos) {
        return Math.max(1, Math.round(nanos / 1e6)) / 1e3;
    }

    /** To a tenth. What took less than a millisecond is taken for one, for of so little time nothing can be said. */
    static double perSecond(long count, long nanos) {
        return tenths(count / Math.max(nanos / 1e9, 1e-3));
    }

    private static double tenths(double value) {
        return Math.round(10 * value) / 10.0;
    }

    Progress progress(TrainingLoop loop, @Nullable Losses latest) {
        long left = loop.finished() ? 0 : (long) (loop.epochs() - loop.epoch()) * loop.stepsPerEpoch() - loop.step();
        long nanos = nanos();
        boolean known = steps > 0 && nanos > 0;
        return new Progress(
                loop.epochs(),
                loop.epoch(),
                loop.stepsPerEpoch(),
                loop.step(),
                latest,
                known ? (Double) imagesPerSecond() : null,
                known ? (Double) tenths(left * (nanos / 1e9) / steps) : null);
    }

    private long nanos() {
        return Duration.between(start, clock.instant()).toNanos();
    }
}
