package io.github.latentdock.autoencoder;

import java.util.List;

/** Takes some searches one iteration further. */
sealed interface Method extends AutoCloseable permits GradientMethod, LevenbergMarquardt {

    /** How many of some searches that are left go together at most. */
    int rows(int left);

    Search search(int example, StartPoints.Start start);

    void advance(List<Search> searches);

    @Override
    void close();
}
