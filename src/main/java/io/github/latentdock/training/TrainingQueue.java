package io.github.latentdock.training;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.training.PlanCheck.Checked;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The queue of trainings: db-scheduler, which gives each to one worker at a time, under a lease that heartbeats renew. Nothing else
 * knows it. What it says is only who may try; whether a worker may write, the training's row decides.
 */
final class TrainingQueue implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {

    private static final Logger log = LoggerFactory.getLogger(TrainingQueue.class);

    private static final String TASK = "training";

    /** Of the time without a heartbeat after which another worker takes over. */
    private static final double NEARLY_DEAD = 0.7;

    /** When the database did not let a run end properly. */
    private static final Duration RETRY = Duration.ofSeconds(10);

    private final Trainings trainings;
    private final TransactionOperations transactions;
    private final Worker worker;
    private final TrainingProperties properties;
    private final InstantSource clock;
    private final DataSource database;
    private final boolean alone;
    private final SchedulerClient client;
    private @Nullable Scheduler scheduler;
    private @Nullable Thread stopping;

    /** @param alone whether no other process can have the database */
    TrainingQueue(
            DataSource database,
            boolean alone,
            Trainings trainings,
            TransactionOperations transactions,
            Worker worker,
            TrainingProperties properties,
            InstantSource clock) {
        this.alone = alone;
        this.trainings = trainings;
        this.transactions = transactions;
        this.worker = worker;
        this.properties = properties;
        this.clock = clock;
        // What is queued in a transaction is queued when that is committed, and not at all otherwise.
        this.database = new TransactionAwareDataSourceProxy(database);
        this.client = SchedulerClient.Builder.create(this.database, task()).build();
    }

    /**
     * Takes a plan: its row and its place in the queue are there together, or not at all.
     *
     * @throws Problem OVERLOADED when too many wait
     */
    Training submit(Checked checked) {
        String id = UUID.randomUUID().toString();
        transactions.executeWithoutResult(transaction -> {
            trainings.insert(id, checked.plan(), checked.pinned());
            requirePlace();
            enqueue(id);
        });
        wake();
        log.info(
                "Training {} of model {} is QUEUED; {}",
                id,
                checked.plan().model(),
                properties.slots() > 0 ? "a worker takes it when one is free" : "another process takes it");
        return trainings.require(id);
    }

    /** See {@link Trainings#cancel}. What no worker has begun leaves the queue at once. */
    Training cancel(String id) {
        Training training = Objects.requireNonNull(transactions.execute(transaction -> {
            Training cancelled = trainings.cancel(id);
            if (cancelled.status() == Status.CANCELLED) {
                takeOut(id);
            }
            return cancelled;
        }));
        if (training.status() == Status.CANCELLING) {
            worker.cancel(id);
        }
        log.info(
                "Training {} is {}; {}",
                id,
                training.status(),
                training.status() == Status.CANCELLING ? "its worker stops within a batch" : "it can be resumed");
        return training;
    }

    /**
     * See {@link Trainings#resume}.
     *
     * @throws Problem OVERLOADED when too many wait
     */
    Training resume(String id) {
        Training training = transactions.execute(transaction -> {
            Training resumed = trainings.resume(id);
            requirePlace();
            enqueue(id);
            return resumed;
        });
        wake();
        log.info("Training {} is QUEUED again; it goes on from its last checkpoint", id);
        return Objects.requireNonNull(training);
    }

    /** With the one that comes. Of two that come at the same moment both may get the last place: the bound is no promise. */
    private void requirePlace() {
        if (trainings.queued() > properties.maxQueued()) {
            throw Problem.of(
                    Fault.OVERLOADED,
                    "%d trainings are QUEUED, and latentdock.training.max-queued allows no more: come back when some have begun, or cancel some"
                            .formatted(properties.maxQueued()));
        }
    }

    /** There may be an execution of it still, about to be removed; {@link #leave} looks at the row then. */
    private void enqueue(String id) {
        client.scheduleIfNotExists(new TaskInstance<>(TASK, id), clock.instant());
    }

    /**
     * Removes the place of a training that has ended, in the transaction that holds its row: else one that is resumed meanwhile would
     * wait without a place. What a worker has just come to it removes itself, in {@link #leave}.
     */
    void takeOut(String id) {
        new JdbcTemplate(database)
                .update(
                        "delete from scheduled_tasks where task_name = ? and task_instance = ? and picked = false",
                        TASK,
                        id);
    }

    private synchronized void wake() {
        if (scheduler != null) {
            scheduler.triggerCheckForDueExecutions();
        }
    }

    /** What happens to a training when it is its turn. */
    Task<Void> task() {
        return Tasks.custom(TASK, Void.class)
                .onDeadExecution((complete, operations) -> {
                    log.warn(
                            "The worker {} of training {} is dead; another one takes over",
                            complete.getExecution().pickedBy,
                            complete.getExecution().taskInstance.getId());
                    operations.reschedule(complete, clock.instant());
                })
                .onFailure((complete, operations) ->
                        operations.reschedule(complete, clock.instant().plus(RETRY)))
                .execute((instance, context) -> run(instance.getId(), context));
    }

    private CompletionHandler<Void> run(String id, ExecutionContext context) {
        try {
            LowPriority.set();
            worker.run(id, () -> letGo(context));
            return leave(id);
        } catch (Lease.Lost lost) {
            log.warn("{}: its worker stops and writes nothing more, another one has it", lost.getMessage());
            return (complete, operations) -> {};
        }
    }

    private @Nullable String letGo(ExecutionContext context) {
        if (context.getSchedulerState().isShuttingDown()) {
            return "this process is told to stop";
        }
        return context.getCurrentlyExecuting().getHeartbeatState().getFractionDead() > NEARLY_DEAD
                ? "the database does not take this process's heartbeats"
                : null;
    }

    /** Removes it from the queue, unless it was given back or sent there again meanwhile. The lock keeps the answer true. */
    private CompletionHandler<Void> leave(String id) {
        return (complete, operations) -> transactions.executeWithoutResult(transaction -> {
            boolean goesOn = trainings.lock(id).filter(Status.QUEUED::equals).isPresent();
            if (goesOn) {
                operations.reschedule(complete, complete.getExecution().executionTime);
            } else {
                operations.stop();
            }
        });
    }

    @Override
    public synchronized void start() {
        if (properties.slots() == 0) {
            log.info("This process runs no trainings: latentdock.training.slots is 0");
            return;
        }
        if (alone) {
            releaseDead();
            worker.removeLeftovers();
        }
        scheduler = Scheduler.create(database, task())
                .schedulerName(new SchedulerName.Fixed(worker.name()))
                .threads(properties.slots())
                .executorService(threads())
                .pollingInterval(properties.polling())
                .heartbeatInterval(properties.heartbeat())
                .missedHeartbeatsLimit(properties.missedHeartbeats())
                .shutdownMaxWait(properties.shutdown())
                .build();
        scheduler.start();
    }

    /** Whoever had a training when this process was not there yet is dead, and need not be waited for. */
    private void releaseDead() {
        int released = new JdbcTemplate(database)
                .update("update scheduled_tasks set picked = false, picked_by = null, last_heartbeat = null,"
                        + " version = version + 1 where picked = true");
        if (released > 0) {
            log.warn("{} trainings ran when the process before this one ended; they go on now", released);
        }
    }

    private ExecutorService threads() {
        return Executors.newFixedThreadPool(
                properties.slots(),
                Thread.ofPlatform()
                        .name("training-", 1)
                        .priority(Thread.MIN_PRIORITY)
                        .factory());
    }

    /** The earliest sign of the end: trainings are saved and given back while requests are still answered. */
    @Override
    public synchronized void onApplicationEvent(ContextClosedEvent closed) {
        Scheduler running = scheduler;
        if (running != null && stopping == null) {
            stopping = Thread.ofPlatform().name("training-stop").start(running::stop);
        }
    }

    @Override
    public void stop() {
        Thread waitedFor;
        synchronized (this) {
            Scheduler running = scheduler;
            if (running != null && stopping == null) {
                stopping = Thread.ofPlatform().name("training-stop").start(running::stop);
            }
            waitedFor = stopping;
        }
        try {
            if (waitedFor != null) {
                waitedFor.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            scheduler = null;
            stopping = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return scheduler != null;
    }
}
