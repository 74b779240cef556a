package io.github.latentdock.inference;

import io.github.latentdock.autoencoder.FittedDensities;
import io.github.latentdock.autoencoder.LatentDensity;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The densities that a model's latents can be drawn from. Those that are fitted to its codes are fitted once, ahead of time or
 * when they are first asked for, and kept; whoever asks waits as long as the request may.
 */
final class Densities {

    private record Fits(Fit gaussian, Fit mixture) {}

    private final String model;
    private final LatentDensity prior;
    private final Executor fitter;
    private final @Nullable Fits fits;

    private Densities(String model, LatentDensity prior, @Nullable Fits fits, Executor fitter) {
        this.model = model;
        this.prior = prior;
        this.fits = fits;
        this.fitter = fitter;
    }

    /**
     * Those that are to be fitted.
     *
     * @param prior which the latents were trained towards, or kept in
     * @param codes {@code [k * latent size]}; null where there are none
     * @param fitter runs what is asked for before it was prepared
     */
    Densities(String model, LatentDensity prior, float @Nullable [] codes, Executor fitter) {
        this(
                model,
                prior,
                codes == null
                        ? null
                        : new Fits(
                                new Fit(() -> LatentDensity.gaussian(codes, prior.size())),
                                new Fit(() -> LatentDensity.mixture(codes, prior.size()))),
                fitter);
    }

    /** Those that a version brings along. */
    static Densities of(String model, LatentDensity prior, FittedDensities fitted) {
        return new Densities(
                model, prior, new Fits(new Fit(fitted::gaussian), new Fit(fitted::mixture)), Runnable::run);
    }

    LatentSource defaultSource() {
        return fits == null ? LatentSource.PRIOR : LatentSource.MIXTURE;
    }

    /**
     * The density of a source, when it is there.
     *
     * @throws Problem UNSUPPORTED_OPERATION where it would be fitted to codes and there are none; DEADLINE_EXCEEDED or what else
     *     ends the call before it is fitted
     */
    LatentDensity await(LatentSource source, Call call) {
        return switch (source) {
            case PRIOR -> prior;
            case GAUSSIAN -> await(fits().gaussian, call);
            case MIXTURE -> await(fits().mixture, call);
        };
    }

    /** Fits, in this thread, what takes seconds and is likely to be asked for, unless that has begun already. */
    void prepare() {
        if (fits != null) {
            fits.mixture.task().run();
        }
    }

    private LatentDensity await(Fit attempts, Call call) {
        FutureTask<LatentDensity> fit = attempts.task();
        if (!fit.isDone()) {
            fitter.execute(fit);
        }
        try {
            return call.awaitOthers(fit);
        } catch (ExecutionException e) {
            throw new IllegalStateException("No density could be fitted to the codes of '%s'".formatted(model), e);
        }
    }

    private Fits fits() {
        if (fits == null) {
            throw Problem.of(
                    Fault.UNSUPPORTED_OPERATION,
                    "source",
                    "Model '%s' has no codes.safetensors to fit a density to; source 'prior' works".formatted(model));
        }
        return fits;
    }

    /** What is fitted once, and again only where that failed, such as for lack of memory: the next who asks may have more luck. */
    private static final class Fit {

        private final Callable<LatentDensity> fitting;
        private FutureTask<LatentDensity> task;

        Fit(Callable<LatentDensity> fitting) {
            this.fitting = fitting;
            this.task = new FutureTask<>(fitting);
        }

        /** One that has begun or ended does not begin again, however often it is run. */
        synchronized FutureTask<LatentDensity> task() {
            if (task.state() == Future.State.FAILED) {
                task = new FutureTask<>(fitting);
            }
            return task;
        }
    }
}
