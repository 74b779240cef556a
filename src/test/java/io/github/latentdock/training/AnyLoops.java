package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Wanted;
import io.github.latentdock.problem.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Primary;

/** Trains autoencoders where a plan has a network for them, and {@link LeastSquares} otherwise. */
@Primary
public final class AnyLoops implements TrainingLoops {

    private final LeastSquares lines = new LeastSquares();
    private final ObjectProvider<AutoencoderLoops> autoencoders;

    AnyLoops(ObjectProvider<AutoencoderLoops> autoencoders) {
        this.autoencoders = autoencoders;
    }

    private TrainingLoops of(Plan plan) {
        boolean network = plan.network().containsKey("preset") || plan.network().containsKey("decoder");
        return network ? autoencoders.getObject() : lines;
    }

    @Override
    public Check check(Plan plan) {
        return of(plan).check(plan);
    }

    @Override
    public double mostHeldOut(Plan plan) {
        return of(plan).mostHeldOut(plan);
    }

    @Override
    public List<Problem.FieldError> checkAlone(@Nullable String dataset, @Nullable Map<String, Object> network) {
        return lines.checkAlone(dataset, network);
    }

    @Override
    public TrainingLoop start(Plan plan, Pinned pinned, Wanted wanted) {
        return of(plan).start(plan, pinned, wanted);
    }

    @Override
    public TrainingLoop resume(Plan plan, Pinned pinned, Path checkpoint, Wanted wanted) {
        return of(plan).resume(plan, pinned, checkpoint, wanted);
    }
}
