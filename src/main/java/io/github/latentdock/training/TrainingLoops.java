package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Wanted;
import io.github.latentdock.problem.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Knows how to train what plans ask for. Any number of threads may call it. */
interface TrainingLoops {

    /**
     * What a plan is found to be before it is taken.
     *
     * @param faults everything that is wrong, by the plan's fields; the plan's own numbers are right already
     * @param pinned what the plan's names stand for; null when something is wrong
     */
    record Check(List<Problem.FieldError> faults, @Nullable Pinned pinned) {}

    /** Holds a plan against its data, its network, its objective and its parent. */
    Check check(Plan plan);

    /**
     * The largest share of a plan's data set that can be held out: what no training saw that its parent comes from. 1 where nothing
     * forbids it.
     */
    double mostHeldOut(Plan plan);

    /**
     * What is wrong with a data set and with a network by themselves, where there is no plan to hold them against.
     *
     * @param dataset null where none is named
     * @param network null where none is given
     */
    List<Problem.FieldError> checkAlone(@Nullable String dataset, @Nullable Map<String, Object> network);

    /**
     * Starts from the beginning.
     *
     * @param wanted asked by the loop during whatever takes longer than a batch: here, at the end of an epoch and when it finishes
     * @throws java.util.concurrent.CancellationException when it is not wanted any more, here and in the loop's methods
     * @throws Problem when it cannot any more, such as without its data set; the training then fails with its detail
     */
    TrainingLoop start(Plan plan, Pinned pinned, Wanted wanted);

    /**
     * Goes on from where a checkpoint was saved.
     *
     * @param checkpoint what {@link TrainingLoop#save} wrote
     * @param wanted as for {@link #start}
     * @throws Problem as {@link #start}
     * @throws RuntimeException when the checkpoint cannot be read; an older one is tried then
     */
    TrainingLoop resume(Plan plan, Pinned pinned, Path checkpoint, Wanted wanted);
}
