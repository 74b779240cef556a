package io.github.latentdock.autoencoder;

import java.util.List;
import java.util.Objects;

/** Objectives and gradients of a block of searches in one pass through the decoder and back. */
final class GradientMethod implements Method {

    private final Pass small;
    private final Pass large;
    private final Observations x;
    private final DescentFactory factory;
    private final Runnable end;
    private final int width;

    @FunctionalInterface
    interface DescentFactory {
        Descent create(int example, StartPoints.Start start);
    }

    /**
     * @param small for few searches; stays the caller's
     * @param large for many, or the same
     * @param end frees what the factory holds
     */
    GradientMethod(
            DecoderBlock small,
            DecoderBlock large,
            Shapes shapes,
            Observations x,
            DescentFactory factory,
            Runnable end) {
        this.x = x;
        this.factory = factory;
        this.end = end;
        this.width = shapes.latentSize();
        this.small = pass(small, shapes);
        this.large = small == large ? this.small : pass(large, shapes);
    }

    /** What a block is given and gives. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Pass(DecoderBlock block, float[] latents, float[] decoded, float[] slopes, float[] gradients) {

        int rows() {
            return block.rows();
        }

        void run(Runnable derivative) {
            block.decode(latents, decoded, derivative, slopes, gradients);
        }
    }

    private static Pass pass(DecoderBlock block, Shapes shapes) {
        int latents = block.rows() * shapes.latentSize();
        int values = block.rows() * shapes.inputSize();
        return new Pass(block, new float[latents], new float[values], new float[values], new float[latents]);
    }

    @Override
    public int rows(int left) {
        return left > 2 * small.rows() ? large.rows() : small.rows();
    }

    @Override
    public Search search(int example, StartPoints.Start start) {
        return new Search(example, start, factory.create(example, start));
    }

    @Override
    public void advance(List<Search> searches) {
        Pass pass = searches.size() > small.rows() ? large : small;
        for (int row = 0; row < searches.size(); row++) {
            System.arraycopy(descent(searches.get(row)).latent(), 0, pass.latents, row * width, width);
        }
        pass.run(() -> differentiate(searches, pass));
        for (int row = 0; row < searches.size(); row++) {
            tell(searches.get(row), pass, row);
        }
    }

    private void differentiate(List<Search> searches, Pass pass) {
        for (int row = 0; row < searches.size(); row++) {
            x.differentiate(searches.get(row).example, pass.decoded, pass.slopes, row * x.size());
        }
    }

    private void tell(Search search, Pass pass, int row) {
        Descent descent = descent(search);
        float[] z = descent.latent();
        double[] gradient = new double[width];
        for (int i = 0; i < width; i++) {
            gradient[i] = pass.gradients[row * width + i] + 2 * x.prior() * z[i];
        }
        double objective = x.objective(search.example, pass.decoded, row * x.size(), z);
        search.found(z, objective, pass.decoded, row * x.size());
        descent.tell(objective, gradient);
        search.iterated(descent.converged());
    }

    private static Descent descent(Search search) {
        return Objects.requireNonNull(search.descent);
    }

    @Override
    public void close() {
        end.run();
    }
}
