package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Wanted;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Whether a training is still wanted of this worker, while it does what takes longer than a batch. The worker's orders are looked at
 * whenever it is asked, the row, which others write, once a second.
 */
final class Interest implements Wanted {

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final Lease lease;
    private final Orders orders;
    private final Trainings trainings;
    private final InstantSource clock;
    private Instant looked;

    Interest(Lease lease, Orders orders, Trainings trainings, InstantSource clock) {
        this.lease = lease;
        this.orders = orders;
        this.trainings = trainings;
        this.clock = clock;
        this.looked = clock.instant();
    }

    @Override
    public boolean isWanted() {
        if (orders.cancelled() || orders.letGo() != null) {
            return false;
        }
        Instant now = clock.instant();
        if (now.isBefore(looked.plus(BETWEEN_LOOKS))) {
            return true;
        }
        looked = now;
        return trainings.held().isRunning(lease);
    }
}
