package io.github.latentdock.inference;

import io.github.latentdock.autoencoder.LatentOptimizer;
import io.github.latentdock.autoencoder.LatentOptimizer.Fit;
import io.github.latentdock.inference.LaneQueue.Task;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;

/**
 * Runs test-time latent optimisation, one request after the other: the requests of a batch have settings and deadlines of their
 * own. Whoever waits no longer is not computed any further.
 */
final class SearchBatch implements LaneQueue.Batch<Search, Search.Found> {

    private final LatentOptimizer optimizer;
    private final int[] latentShape;

    SearchBatch(LatentOptimizer optimizer, int[] latentShape) {
        this.optimizer = optimizer;
        this.latentShape = latentShape;
    }

    @Override
    public List<Search.Found> run(List<Task<Search, Search.Found>> tasks) {
        List<Search.Found> found = new ArrayList<>();
        for (Task<Search, Search.Found> task : tasks) {
            found.add(run(task.input, task.call));
        }
        return found;
    }

    private Search.Found run(Search search, Call call) {
        Tensor x = search.x();
        List<Fit> fits = fits(search, call);
        if (!call.isWanted()) {
            throw call.whyUnwanted();
        }
        for (int i = 0; i < fits.size(); i++) {
            if (!Double.isFinite(fits.get(i).objective())) {
                String row = "instances[%d]".formatted(i);
                throw Problem.invalid(
                        row, "No latent explains %s with a finite objective; are its values too large?".formatted(row));
            }
        }
        return new Search.Found(
                tensor(latentShape, fits.size(), i -> fits.get(i).latent()),
                tensor(x.rowShape(), fits.size(), i -> fits.get(i).instance()),
                fits.stream().mapToDouble(Fit::objective).toArray(),
                fits.stream().mapToInt(Fit::iterations).toArray(),
                converged(fits));
    }

    private List<Fit> fits(Search search, Call call) {
        var monitor = new LatentOptimizer.Monitor() {
            @Override
            public boolean proceed(int iteration, double[] objectives) {
                search.listener().accept(new Search.Progress(iteration, objectives.clone()));
                return call.isWanted();
            }

            @Override
            public boolean isWanted() {
                return call.isWanted();
            }
        };
        try {
            float[] mask = search.mask() == null ? null : search.mask().values();
            return optimizer.optimize(search.x().values(), mask, search.settings(), monitor);
        } catch (CancellationException e) {
            throw call.whyUnwanted();
        }
    }

    private static boolean[] converged(List<Fit> fits) {
        boolean[] converged = new boolean[fits.size()];
        for (int i = 0; i < converged.length; i++) {
            converged[i] = fits.get(i).converged();
        }
        return converged;
    }

    private static Tensor tensor(int[] rowShape, int rows, IntFunction<float[]> row) {
        int[] shape = new int[rowShape.length + 1];
        shape[0] = rows;
        System.arraycopy(rowShape, 0, shape, 1, rowShape.length);
        float[] values = new float[Math.toIntExact(Tensor.size(shape))];
        int size = values.length / rows;
        for (int i = 0; i < rows; i++) {
            System.arraycopy(row.apply(i), 0, values, i * size, size);
        }
        return new Tensor(shape, values);
    }
}
