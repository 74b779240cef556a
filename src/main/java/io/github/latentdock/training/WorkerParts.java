package io.github.latentdock.training;

import java.time.InstantSource;
import org.springframework.transaction.support.TransactionOperations;

/** What a worker works with. */
record WorkerParts(
        Trainings trainings,
        TransactionOperations transactions,
        TrainingLoops loops,
        Checkpoints checkpoints,
        Publication publication,
        TrainingMeters meters,
        TrainingProperties properties,
        InstantSource clock) {}
