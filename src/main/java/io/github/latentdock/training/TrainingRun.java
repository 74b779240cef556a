package io.github.latentdock.training;

import io.github.latentdock.autoencoder.DivergedException;
import io.github.latentdock.autoencoder.Losses;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.training.Checkpoints.Checkpoint;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a training by one worker, from its checkpoint to its end or until the worker has to let go. */
final class TrainingRun {

    private static final Logger log = LoggerFactory.getLogger(TrainingRun.class);

    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(1);

    private final Lease lease;
    private final Training training;
    private final WorkerParts parts;
    private final Orders orders;
    private final Pace pace;
    private Instant reported;
    private Instant saved;
    private long stepsSinceSave;
    private @Nullable Losses latest;

    TrainingRun(Lease lease, Training training, WorkerParts parts, Orders orders) {
        this.lease = lease;
        this.training = training;
        this.parts = parts;
        this.orders = orders;
        this.pace = new Pace(clock());
        this.reported = Instant.MIN;
        this.saved = clock().instant();
    }

    /** How a run ended. */
    enum End {
        /** Every epoch is trained. */
        FINISHED,
        /** It was cancelled; where it stopped is saved. */
        CANCELLED,
        /** The worker has to go, or the row may tell that it was cancelled; where it stopped is saved. */
        INTERRUPTED
    }

    /** The loss, or something that was learned, is not a number any more. */
    static final class Diverged extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private static final String HELP =
                ": a smaller optimizer.learningRate, or optimizer.clip, may help; so may values of the data in a smaller range";

        Diverged(int epoch, int step) {
            this("The loss is not a finite number after step %d of epoch %d".formatted(step, epoch));
        }

        /** @param found when what was learned was measured */
        Diverged(DivergedException found) {
            this("What was learned is not finite: " + found.getMessage());
        }

        private Diverged(String what) {
            super(what + HELP, null, false, false);
        }
    }

    /**
     * Trains on.
     *
     * @throws Lease.Lost when somebody else has the training
     * @throws Diverged when it makes no sense to go on
     * @throws Problem when the loop cannot
     */
    End train(TrainingLoop loop) {
        latest = lossesAt(loop);
        Progress progress = pace.progress(loop, latest);
        parts.transactions()
                .executeWithoutResult(status -> parts.trainings().held().goOn(lease, progress));
        while (!loop.finished()) {
            while (loop.step() < loop.stepsPerEpoch()) {
                End end = look(loop);
                if (end != null) {
                    return end;
                }
                Losses losses = loop.advance();
                if (!losses.finite()) {
                    throw new Diverged(loop.epoch() + 1, loop.step());
                }
                latest = losses;
                stepsSinceSave++;
                pace.step(loop.lastBatch());
            }
            End end = endEpoch(loop);
            if (end != null) {
                return end;
            }
        }
        return End.FINISHED;
    }

    /** What the row tells, unless it tells of batches that are trained again: then those of the epoch before. */
    private @Nullable Losses lossesAt(TrainingLoop loop) {
        Progress told = training.progress();
        boolean again = loop.epoch() < told.epoch() || (loop.epoch() == told.epoch() && loop.step() < told.step());
        return again
                ? parts.trainings().epochs(training.id()).stream()
                        .filter(epoch -> epoch.epoch() == loop.epoch())
                        .findFirst()
                        .map(TrainingEpoch::training)
                        .orElse(null)
                : told.losses();
    }

    /** Between two batches: what there is to tell, to save, or to obey. */
    private @Nullable End look(TrainingLoop loop) {
        Instant now = clock().instant();
        boolean cancelled = orders.cancelled();
        if (!cancelled && !now.isBefore(reported.plus(BETWEEN_REPORTS))) {
            reported = now;
            cancelled = !parts.trainings().held().progress(lease, pace.progress(loop, latest));
            parts.meters().pace(training.plan().model(), pace.imagesPerSecond());
        }
        if (cancelled) {
            return stopped(loop, End.CANCELLED);
        }
        if (orders.letGo() != null) {
            return stopped(loop, End.INTERRUPTED);
        }
        if (!now.isBefore(saved.plus(parts.properties().checkpointEvery()))) {
            save(loop);
        }
        return null;
    }

    private End stopped(TrainingLoop loop, End end) {
        if (stepsSinceSave > 0) {
            save(loop);
        }
        return end;
    }

    private @Nullable End endEpoch(TrainingLoop loop) {
        EpochMetrics metrics;
        try {
            metrics = loop.endEpoch();
        } catch (CancellationException unwanted) {
            // Its steps are saved, and whoever goes on looks at what is held out again.
            return stopped(loop, End.INTERRUPTED);
        }
        if (!metrics.finite()) {
            throw new Diverged(metrics.epoch(), loop.stepsPerEpoch());
        }
        latest = metrics.training();
        Progress progress = pace.progress(loop, latest);
        boolean goOn = Boolean.TRUE.equals(
                parts.transactions().execute(status -> parts.trainings().held().endEpoch(lease, metrics, progress)));
        // After the row tells of it: who goes on from before the end of the epoch writes it again, and nobody goes on
        // from after an end that was never written.
        save(loop);
        reported = clock().instant();
        parts.meters().epoch(training.plan().model(), metrics);
        parts.meters().pace(training.plan().model(), pace.imagesPerSecond());
        log.info(
                "Training {} of model {}: epoch {} of {} has loss {} (recon_loss {}, reg_loss {}){} in {} s, {} images/s; {}",
                training.id(),
                training.plan().model(),
                metrics.epoch(),
                loop.epochs(),
                number(metrics.training().loss()),
                number(metrics.training().reconLoss()),
                number(metrics.training().regLoss()),
                metrics.validation() == null
                        ? ""
                        : ", held out " + number(metrics.validation().loss()),
                number(metrics.seconds()),
                Math.round(metrics.imagesPerSecond()),
                !goOn
                        ? "it was cancelled and stops"
                        : !loop.finished()
                                ? "epoch %d follows".formatted(metrics.epoch() + 1)
                                : metrics.epoch() < loop.epochs()
                                        ? "it stops early and is published"
                                        : "it is published");
        return goOn ? null : stopped(loop, End.CANCELLED);
    }

    private void save(TrainingLoop loop) {
        saved = clock().instant();
        Checkpoint checkpoint;
        try {
            checkpoint = parts.checkpoints().save(lease, loop);
        } catch (UncheckedIOException | Problem full) {
            // What is trained is not lost by it: only a crash before the next one is saved would cost more.
            log.warn(
                    "Training {} could not be saved after {} epochs and {} batches; it goes on, and the next time is tried again",
                    training.id(),
                    loop.epoch(),
                    loop.step(),
                    full);
            return;
        }
        stepsSinceSave = 0;
        if (!parts.trainings().held().isHeld(lease)) {
            // Whoever has it, or has deleted it, may have tidied up already.
            tidy(() -> parts.checkpoints().delete(checkpoint));
            throw new Lease.Lost(lease);
        }
        parts.trainings().held().saved(lease, (long) loop.epoch() * loop.stepsPerEpoch() + loop.step());
        tidy(() -> parts.checkpoints().deleteOld(training.id()));
    }

    private void tidy(Runnable removes) {
        try {
            removes.run();
        } catch (UncheckedIOException | Problem stays) {
            log.warn(
                    "Training {} is saved, but a checkpoint that nobody needs could not be removed; whoever saves next tries again",
                    training.id(),
                    stays);
        }
    }

    private InstantSource clock() {
        return parts.clock();
    }

    private static String number(double value) {
        return "%.4g".formatted(value);
    }
}
