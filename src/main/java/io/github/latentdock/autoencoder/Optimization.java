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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One call of the {@link LatentOptimizer}. */
final class Optimization {

    /** Searches that are under way together, as far as their histories fit into this. */
    private static final long WAVE_BYTES = 64L << 20;

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
        boolean many = x.count() > 2 * preparation.rows();
        try (var small = new DecoderBlock(model, shapes, preparation.rows());
                var large = new DecoderBlock(model, shapes, many ? preparation.most() : preparation.rows())) {
            List<List<float[]>> others = start(large);
            if (monitor.proceed(0, objectives)) {
                try (Method method = method(small, large)) {
                    search(method, small, others);
                }
            }
        }
        return List.of(fits);
    }

    /**
     * Gives every example its best guess for a fit.
     *
     * @return the other guesses of each: latents only, since decodings of all would fill the memory
     */
    private List<List<float[]>> start(DecoderBlock block) {
        List<List<float[]>> others = new ArrayList<>();
        try (var points = new StartPoints(model, shapes, preparation.codes(), block)) {
            for (int from = 0; from < x.count(); from += block.rows()) {
                requireWanted();
                int to = Math.min(x.count(), from + block.rows());
                for (List<Start> guessed : points.propose(x, from, to, guesses())) {
                    Start best = guessed.getFirst();
                    objectives[others.size()] = best.objective();
                    fits[others.size()] = new Fit(best.latent(), best.decoded(), best.objective(), 0, false);
                    others.add(guessed.stream().skip(1).map(Start::latent).toList());
                }
            }
        }
        return others;
    }

    /** Half of the starts are good guesses, the rest drawn at random. */
    private int guesses() {
        return (settings.starts() + 1) / 2;
    }

    /** Where an example is searched from: the same wherever it is in the call. */
    private List<Start> starts(int example, DecoderBlock block, List<float[]> others, List<Decoding> drawn) {
        Fit best = fits[example];
        List<Start> starts = new ArrayList<>();
        starts.add(new Start(best.latent(), best.objective(), best.instance()));
        for (Decoding other : concatenated(decode(block, others), drawn)) {
            double objective = x.objective(example, other.decoded, 0, other.latent);
            starts.add(new Start(other.latent, objective, other.decoded));
        }
        return starts;
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Decoding(float[] latent, float[] decoded) {}

    private static List<Decoding> concatenated(List<Decoding> some, List<Decoding> more) {
        var all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    private List<Decoding> decode(DecoderBlock block, List<float[]> latents) {
        if (latents.isEmpty()) {
            return List.of();
        }
        int width = shapes.latentSize();
        float[] z = new float[block.rows() * width];
        float[] decoded = new float[block.rows() * x.size()];
        List<Decoding> decodings = new ArrayList<>();
        for (int from = 0; from < latents.size(); from += block.rows()) {
            int rows = Math.min(block.rows(), latents.size() - from);
            for (int row = 0; row < rows; row++) {
                System.arraycopy(latents.get(from + row), 0, z, row * width, width);
            }
            block.decode(z, decoded);
            for (int row = 0; row < rows; row++) {
                decodings.add(new Decoding(
                        latents.get(from + row), Arrays.copyOfRange(decoded, row * x.size(), (row + 1) * x.size())));
            }
        }
        return decodings;
    }

    /** Start points drawn at random: the same for every example. */
    private List<float[]> draw() {
        RandomGenerator random = Codes.random(settings.seed());
        return Stream.generate(() -> preparation.codes().draw(random))
                .limit(settings.starts() - guesses())
                .toList();
    }

    private void requireWanted() {
        if (!monitor.isWanted()) {
            throw new CancellationException("nobody waits for the search any more");
        }
    }

    private Method method(DecoderBlock small, DecoderBlock large) {
        Solver solver = settings.solver();
        if (solver == null) {
            solver = preparation.differentiable() ? Solver.BFGS : Solver.LEVENBERG_MARQUARDT;
        }
        return switch (solver) {
            case BFGS -> bfgs(small, large);
            case ADAM ->
                new GradientMethod(
                        small,
                        large,
                        shapes,
                        x,
                        (example, start) -> new Adam(start.latent(), settings.maxIterations()),
                        () -> {});
            case LEVENBERG_MARQUARDT -> new LevenbergMarquardt(model, shapes, x, settings.tolerance());
        };
    }

    private Method bfgs(DecoderBlock small, DecoderBlock large) {
        if (shapes.latentSize() > FEW_LATENTS) {
            return new GradientMethod(
                    small, large, shapes, x, (example, start) -> bfgs(example, start, null), () -> {});
        }
        var linearization = new Linearization(model, shapes, x);
        try {
            return new GradientMethod(
                    small,
                    large,
                    shapes,
                    x,
                    (example, start) -> {
                        linearization.at(example, start.latent());
                        return bfgs(example, start, Cholesky.of(linearization.curvature(), DAMPING));
                    },
                    linearization::close);
        } catch (RuntimeException | Error e) {
            linearization.close();
            throw e;
        }
    }

    private Descent bfgs(int example, Start start, @Nullable Cholesky hessian) {
        double curvature = 0;
        for (int k = 0; k < x.size(); k++) {
            if (x.observed(example * x.size() + k)) {
                curvature += x.criterion().curvature(start.decoded()[k]);
            }
        }
        curvature = curvature / x.size() * preparation.steepness() + 2 * x.prior() + 1e-9;
        return new Lbfgs(
                start.latent(), hessian, curvature, settings.tolerance(), x.floor(example), model instanceof UnitBall);
    }

    private void search(Method method, DecoderBlock block, List<List<float[]>> others) {
        int wave = wave();
        int before = 0;
        List<Decoding> drawn = decode(block, draw());
        List<Search> searches = new ArrayList<>();
        for (int example = 0; example < others.size(); example++) {
            for (Start start : starts(example, block, others.get(example), drawn)) {
                requireWanted();
                searches.add(method.search(example, start));
            }
            if (searches.size() >= wave || example == others.size() - 1) {
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
            int to;
            for (int from = 0; from < active.size(); from = to) {
                to = Math.min(active.size(), from + method.rows(active.size() - from));
                List<Search> block = active.subList(from, to);
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
        return Math.clamp(WAVE_BYTES / bytes, preparation.most(), LatentOptimizer.MOST_AT_ONCE);
    }
}
