package io.github.latentdock.autoencoder;

import java.util.concurrent.CancellationException;

/** Whether what takes long is still wanted. Asked between any two blocks of its work, so the answer has to be quick. */
@FunctionalInterface
public interface Wanted {

    /** By somebody patient. */
    Wanted ALWAYS = () -> true;

    boolean isWanted();

    /** @throws CancellationException when it is not */
    default void require() {
        if (!isWanted()) {
            throw new CancellationException("nobody wants it any more");
        }
    }

    /** The same for a search, which then ends without an answer. */
    default LatentOptimizer.Monitor monitor() {
        Wanted wanted = this;
        return new LatentOptimizer.Monitor() {
            @Override
            public boolean proceed(int iteration, double[] objectives) {
                wanted.require();
                return true;
            }

            @Override
            public boolean isWanted() {
                return wanted.isWanted();
            }
        };
    }
}
