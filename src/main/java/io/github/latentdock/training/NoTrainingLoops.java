package io.github.latentdock.training;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.nio.file.Path;
import java.util.List;

/** Where nothing on the class path knows how to train. */
final class NoTrainingLoops implements TrainingLoops {

    @Override
    public Check check(Plan plan) {
        return new Check(List.of(new Problem.FieldError("objective", "Nothing here can train this objective")), null);
    }

    @Override
    public TrainingLoop start(Plan plan, String datasetDigest) {
        throw Problem.of(Fault.UNAVAILABLE, "Nothing here can train");
    }

    @Override
    public TrainingLoop resume(Plan plan, String datasetDigest, Path checkpoint) {
        throw Problem.of(Fault.UNAVAILABLE, "Nothing here can train");
    }
}
