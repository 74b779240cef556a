package io.github.latentdock.inference;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Lets requests under way come to their end when the process is told to stop, before the web server goes: new ones are answered
 * with 503 meanwhile, and so are, at last, those that take too long. Every answer says {@code Connection: close} then.
 */
@Component
final class Drain implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    /** For what was given up to be told so. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(2);

    private final InferenceMeters meters;
    private final Duration limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Call> underWay = new HashSet<>();
    private boolean running;
    private volatile boolean draining;

    Drain(InferenceProperties properties, InferenceMeters meters) {
        this.meters = meters;
        this.limit = properties.drain();
    }

    /** @throws Problem UNAVAILABLE when the service is going away */
    void enter(Call call) {
        lock.lock();
        try {
            if (draining) {
                meters.rejected("draining");
                throw Problem.of(Fault.UNAVAILABLE, "The service is shutting down; another replica answers");
            }
            underWay.add(call);
        } finally {
            lock.unlock();
        }
    }

    void leave(Call call) {
        lock.lock();
        try {
            underWay.remove(call);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void start() {
        lock.lock();
        try {
            running = true;
            draining = false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void stop() {
        lock.lock();
        try {
            draining = true;
            log.info(
                    "Shutting down: {} requests are under way and have {} s to end",
                    underWay.size(),
                    limit.toSeconds());
            await(limit);
            if (!underWay.isEmpty()) {
                log.warn("{} requests did not end in time and are answered with 503", underWay.size());
                var late = Problem.of(
                        Fault.UNAVAILABLE,
                        "The service is shutting down and could wait no longer for the answer; another replica gives it");
                underWay.forEach(call -> call.giveUp(late));
                await(LAST_ANSWERS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running = false;
            lock.unlock();
        }
    }

    private void await(Duration duration) throws InterruptedException {
        long left = duration.toNanos();
        while (!underWay.isEmpty() && left > 0) {
            left = changed.awaitNanos(left);
        }
    }

    /** Whether connections should end with the answers that go out on them now. */
    boolean isDraining() {
        return draining;
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
