package io.github.latentdock.training;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Whether and how this process trains.
 *
 * @param enabled whether it has anything to do with trainings; if not, it needs no database
 * @param path where checkpoints are kept, and the embedded database unless {@code spring.datasource.url} names another
 * @param slots trainings that run at once in this process; 0 to take requests and leave the work to others
 * @param maxMemory what a training may take of the memory, by an estimate from its plan
 * @param maxQueued trainings of all replicas that may wait; who asks for more is told to come back
 * @param polling how often the queue is looked at
 * @param heartbeat how often a worker tells that it lives
 * @param missedHeartbeats after how many of them a worker counts as dead
 * @param checkpointEvery the longest time between two checkpoints; the end of an epoch is always one
 * @param shutdown how long a training may take to save its last checkpoint when the process is told to stop
 */
@Validated
@ConfigurationProperties("latentdock.training")
record TrainingProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("work") Path path,
        @DefaultValue("1") @Min(0) @Max(64) int slots,
        @DefaultValue("2GB") DataSize maxMemory,
        @DefaultValue("1000") @Min(1) int maxQueued,
        @DefaultValue("5s") Duration polling,
        @DefaultValue("10s") Duration heartbeat,
        @DefaultValue("4") @Min(4) int missedHeartbeats,
        @DefaultValue("60s") Duration checkpointEvery,
        @DefaultValue("20s") Duration shutdown) {}
