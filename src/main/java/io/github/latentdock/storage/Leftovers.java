package io.github.latentdock.storage;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes, now and then, what was left behind since the start: by other processes that share a root, or because a disk failed. */
public final class Leftovers implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Leftovers.class);
    private static final Duration EVERY = Duration.ofHours(1);

    /** Longer than at the start: this process itself may be at what it wrote long ago. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    private final List<FolderStore> stores;
    private final InstantSource clock;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("leftovers").daemon().factory());

    public Leftovers(List<FolderStore> stores, InstantSource clock) {
        this.stores = List.copyOf(stores);
        this.clock = clock;
        timer.scheduleAtFixedRate(this::remove, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Never throws: the next time tries again. */
    void remove() {
        for (FolderStore store : stores) {
            try {
                store.removeLeftovers(clock.instant().minus(ABANDONED));
            } catch (UncheckedIOException e) {
                log.warn("Leftovers in {} could not be looked for: {}", store.local(""), e.toString());
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
