package io.github.latentdock.autoencoder;

/**
 * Means over examples, in the unit of the {@link Objective}.
 *
 * @param loss what is minimised: {@code recon_loss + reg_loss}
 * @param reconLoss how badly the values are explained
 * @param regLoss what the latent costs, with its weight
 */
public record Losses(double loss, double reconLoss, double regLoss) {

    /** Whether training still converges: a NaN or an infinity never goes away. */
    public boolean finite() {
        return Double.isFinite(loss);
    }
}
