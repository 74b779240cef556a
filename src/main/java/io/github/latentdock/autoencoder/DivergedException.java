package io.github.latentdock.autoencoder;

/** What was learned is of no use: something that it is, or that it makes of an example, is not a finite number. */
public final class DivergedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DivergedException(String what) {
        super(what);
    }
}
