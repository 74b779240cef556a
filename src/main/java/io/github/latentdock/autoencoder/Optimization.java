package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.LatentOptimizer.Fit;
import io.github.latentdock.autoencoder.LatentOptimizer.Monitor;
import io.github.latentdock.autoencoder.LatentOptimizer.Settings;
import io.github.latentdock.autoencoder.LatentOptimizer.Solver;
import io.github.latentdock.autoencoder.StartPoints.Start;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One call of the {@link LatentOptimizer}. */
final class Optimization {

    /** Searches that are under way together, as far as their histories fit into this. */
    private static final long WAVE_BYTES = 64L << 20;

    private static final int LARGEST_WAVE = 512;

    /**
     * Up to so many latents BFGS starts from the Gauss-Newton matrix: d + 1 decodings then cost less than the iterations that
     * they spare, and better valleys are found (a convolutional VAE with 16 latents: half the iterations to within 1 %). An MLP
     * with 32 spares as many as it costs.
     */
    private static final int FEW_LATENTS = 16;

    private static final double DAMPING = 0.01;

    private final Autoencoder model;
    private final Shapes shapes;
    private final Preparation preparation;
    private final Observations x;
    private final Settings settings;
    private final Monitor monitor;
    private final Fit[] fits;
    private final double[] objectives;

    Optimization(
            Autoencoder model,
            Shapes shapes,
            Preparation preparation,
            Observations x,
            Settings settings,
            Monitor monitor) {
        this.model = model;
        this.shapes = shapes;
        this.preparation = preparation;
        this.x = x;
        this.settings = settings;
        this.monitor = monitor;
        this.fits = new Fit[x.count()];
        this.objectives = new double[x.count()];
    }

    List<Fit> run() {
        try (var block = new DecoderBlock(model, shapes, preparation.rows())) {
            List<List<Start>> starts = starts(block);
            for (int i = 0; i < fits.length; i++) {
                Start best = starts.get(i).getFirst();
                fits[i] = new Fit(best.latent(), best.decoded(), best.objective(), 0, false);
                objectives[i] = best.objective();
            }
            if (monitor.proceed(0, objectives)) {
                try (Method method = method(block)) {
                    search(method, starts);
                }
            }
        }
        return List.of(fits);
    }

    /** Half of them good guesses, the rest drawn at random: the same for every example, wherever it is in the call. */
    private List<List<Start>> starts(DecoderBlock block) {
        int guesses = (settings.starts() + 1) / 2;
        List<Start> drawn = draw(block, settings.starts() - guesses);
        List<List<Start>> starts = new ArrayList<>();
        try (var points = new StartPoints(model, shapes, preparation.codes(), block)) {
            for (int from = 0; from < x.count(); from += block.rows()) {
                requireWanted();
                int to = Math.min(x.count(), from + block.rows());
                for (List<Start> guessed : points.propose(x, from, to, guesses)) {
                    List<Start> all = new ArrayList<>(guessed);
                    for (Start start : drawn) {
                        double objective = x.objective(starts.size(), start.decoded(), 0, start.latent());
                        all.add(new Start(start.latent(), objective, start.decoded()));
                    }
                    starts.add(all);
                }
            }
        }
        return starts;
    }

    /** Still without any example's objective. */
    private List<Start> draw(DecoderBlock block, int count) {
        RandomGenerator random = Codes.random(settings.seed());
        float[] decoded = new float[block.rows() * x.size()];
        List<Start> drawn = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            float[] z = preparation.codes().draw(random);
            block.decode(z, decoded);
            drawn.add(new Start(z, Double.NaN, Arrays.copyOf(decoded, x.size())));
        }
        return drawn;
    }

    private void requireWanted() {
        if (!monitor.isWanted()) {
            throw new CancellationException("nobody waits for the search any more");
        }
    }

    private Method method(DecoderBlock block) {
        Solver solver = settings.solver();
        if (solver == null) {
            solver = preparation.differentiable() ? Solver.BFGS : Solver.LEVENBERG_MARQUARDT;
        }
        return switch (solver) {
            case BFGS -> bfgs(block);
            case ADAM ->
                new GradientMethod(
                        block,
                        shapes,
                        x,
                        (example, start) -> new Adam(start.latent(), settings.maxIterations()),
                        () -> {});
            case LEVENBERG_MARQUARDT -> new LevenbergMarquardt(model, shapes, x, settings.tolerance());
        };
    }

    private Method bfgs(DecoderBlock block) {
        if (shapes.latentSize() > FEW_LATENTS) {
            return new GradientMethod(block, shapes, x, (example, start) -> bfgs(example, start, null), () -> {});
        }
        var linearization = new Linearization(model, shapes, x);
        return new GradientMethod(
                block,
                shapes,
                x,
                (example, start) -> {
                    linearization.at(example, start.latent());
                    return bfgs(example, start, Cholesky.of(linearization.curvature(), DAMPING));
                },
                linearization::close);
    }

    private Descent bfgs(int example, Start start, @Nullable Cholesky hessian) {
        double curvature = 0;
        for (int k = 0; k < x.size(); k++) {
            if (x.observed(example * x.size() + k)) {
                curvature += x.criterion().curvature(start.decoded()[k]);
            }
        }
        curvature = curvature / x.size() * preparation.steepness() + 2 * x.prior() + 1e-9;
        return new Lbfgs(start.latent(), hessian, curvature, settings.tolerance(), x.floor(example));
    }

    private void search(Method method, List<List<Start>> starts) {
        int wave = wave();
        int before = 0;
        List<Search> searches = new ArrayList<>();
        for (int example = 0; example < starts.size(); example++) {
            for (Start start : starts.get(example)) {
                requireWanted();
                searches.add(method.search(example, start));
            }
            if (searches.size() >= wave || example == starts.size() - 1) {
                boolean on = advance(method, searches, before);
                searches.forEach(this::keep);
                if (!on) {
                    return;
                }
                searches.clear();
                before += settings.maxIterations();
            }
        }
    }

    private boolean advance(Method method, List<Search> searches, int before) {
        List<Search> active = new ArrayList<>(searches);
        for (int iteration = 1; iteration <= settings.maxIterations() && !active.isEmpty(); iteration++) {
            for (int from = 0; from < active.size(); from += method.rows()) {
                List<Search> block = active.subList(from, Math.min(active.size(), from + method.rows()));
                method.advance(block);
                for (Search search : block) {
                    objectives[search.example] = Math.min(objectives[search.example], search.objective());
                }
                if (!monitor.proceed(before + iteration, objectives)) {
                    return false;
                }
            }
            active.removeIf(Search::converged);
        }
        return true;
    }

    private void keep(Search search) {
        Fit fit = search.fit();
        Fit kept = fits[search.example];
        boolean went = kept.iterations() == 0 && fit.objective() == kept.objective();
        if (went || fit.objective() < kept.objective()) {
            fits[search.example] = fit;
        }
    }

    private int wave() {
        long bytes = 8L * (2L * Lbfgs.HISTORY + 8) * shapes.latentSize();
        return Math.clamp(WAVE_BYTES / bytes, preparation.rows(), LARGEST_WAVE);
    }
}
