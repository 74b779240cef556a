package io.github.latentdock.autoencoder;

/** A search for the best latent of one example, which asks for one objective and gradient at a time. Always in doubles, in Java:
 * the same questions get the same answers, whatever else is computed beside it.
 */
sealed interface Descent permits Lbfgs, Adam {

    /** The latent to be evaluated next. */
    float[] latent();

    /** Takes the objective at {@link #latent()} and its gradient, and moves on. */
    void tell(double objective, double[] gradient);

    /** Whether going on would hardly pay. */
    boolean converged();
}
