package io.github.latentdock.autoencoder;

/** What was learned is of no use: something that it is, or that it makes of an example, is not a finite number. */
public final class DivergedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DivergedException(String what) {
        super(what);
    }

    /** @throws DivergedException naming the first value that is not finite */
    static void requireFinite(float[] values, String what) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new DivergedException("%s has the value %s".formatted(what, value));
            }
        }
    }
}
