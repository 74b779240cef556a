package io.github.latentdock.autoencoder;

import java.util.List;
import java.util.Objects;

/** Objectives and gradients of a block of searches in one pass through the decoder and back. */
final class GradientMethod implements Method {

    private final DecoderBlock block;
    private final Observations x;
    private final DescentFactory factory;
    private final Runnable end;
    private final int width;
    private final float[] latents;
    private final float[] decoded;
    private final float[] slopes;
    private final float[] gradients;

    @FunctionalInterface
    interface DescentFactory {
        Descent create(int example, StartPoints.Start start);
    }

    /**
     * @param block stays the caller's
     * @param end frees what the factory holds
     */
    GradientMethod(DecoderBlock block, Shapes shapes, Observations x, DescentFactory factory, Runnable end) {
        this.block = block;
        this.x = x;
        this.factory = factory;
        this.end = end;
        this.width = shapes.latentSize();
        this.latents = new float[block.rows() * width];
        this.decoded = new float[block.rows() * x.size()];
        this.slopes = new float[block.rows() * x.size()];
        this.gradients = new float[block.rows() * width];
    }

    @Override
    public int rows() {
        return block.rows();
    }

    @Override
    public Search search(int example, StartPoints.Start start) {
        return new Search(example, start, factory.create(example, start));
    }

    @Override
    public void advance(List<Search> searches) {
        for (int row = 0; row < searches.size(); row++) {
            System.arraycopy(descent(searches.get(row)).latent(), 0, latents, row * width, width);
        }
        block.decode(latents, decoded, () -> differentiate(searches), slopes, gradients);
        for (int row = 0; row < searches.size(); row++) {
            tell(searches.get(row), row);
        }
    }

    private void differentiate(List<Search> searches) {
        for (int row = 0; row < searches.size(); row++) {
            x.differentiate(searches.get(row).example, decoded, slopes, row * x.size());
        }
    }

    private void tell(Search search, int row) {
        Descent descent = descent(search);
        float[] z = descent.latent();
        double[] gradient = new double[width];
        for (int i = 0; i < width; i++) {
            gradient[i] = gradients[row * width + i] + 2 * x.prior() * z[i];
        }
        double objective = x.objective(search.example, decoded, row * x.size(), z);
        search.found(z, objective, decoded, row * x.size());
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
