package io.github.latentdock.inference;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Lets requests under way come to their end when the process is told to stop, before the web server goes: new ones are answered
 * with 503 and {@code Connection: close} meanwhile.
 */
@Component
final class Drain implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    private final InferenceMeters meters;
    private final Duration limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int underWay;
    private boolean running;
    private boolean draining;

    Drain(InferenceProperties properties, InferenceMeters meters) {
        this.meters = meters;
        this.limit = properties.drain();
    }

    /** @throws Problem UNAVAILABLE when the service is going away */
    void enter() {
        lock.lock();
        try {
            if (draining) {
                meters.rejected("draining");
                throw Problem.of(Fault.UNAVAILABLE, "The service is shutting down; another replica answers");
            }
            underWay++;
        } finally {
            lock.unlock();
        }
    }

    void leave() {
        lock.lock();
        try {
            underWay--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        lock.lock();
        try {
            draining = true;
            log.info("Shutting down: {} requests are under way and have {} s to end", underWay, limit.toSeconds());
            long left = limit.toNanos();
            while (underWay > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (underWay > 0) {
                log.warn("{} requests did not end in time and are given up", underWay);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running = false;
            lock.unlock();
        }
    }

    /** Stops before everything else, the web server included. */
    @Override
    public int getPhase() {
        return SmartLifecycle.DEFAULT_PHASE;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
