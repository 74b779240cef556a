package io.github.latentdock.training;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionOperations;

/** Removes trainings that have ended, and all that they left but the versions that they made. */
final class Removal {

    private static final Logger log = LoggerFactory.getLogger(Removal.class);

    private final Trainings trainings;
    private final Checkpoints checkpoints;
    private final TrainingQueue queue;
    private final TransactionOperations transactions;

    Removal(Trainings trainings, Checkpoints checkpoints, TrainingQueue queue, TransactionOperations transactions) {
        this.trainings = trainings;
        this.checkpoints = checkpoints;
        this.queue = queue;
        this.transactions = transactions;
    }

    /**
     * Checkpoints go first, while the row is locked: nobody resumes the training meanwhile, and after a crash between the two it is
     * still there to be removed once more.
     *
     * @throws Problem NOT_FOUND; CONFLICT when it has not ended
     */
    void remove(String id) {
        transactions.executeWithoutResult(transaction -> {
            Status status =
                    trainings.lock(id).orElseGet(() -> trainings.require(id).status());
            if (!status.ended()) {
                throw Problem.of(
                        Fault.CONFLICT,
                        "Training '%s' is %s; only one that has ended can be deleted: cancel it first"
                                .formatted(id, status));
            }
            checkpoints.deleteAll(id);
            trainings.delete(id);
            queue.takeOut(id);
        });
        log.info("Training {} and its checkpoints are deleted; the version that it made, if any, stays", id);
    }
}
