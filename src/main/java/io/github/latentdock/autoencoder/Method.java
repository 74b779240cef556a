package io.github.latentdock.autoencoder;

import java.util.List;

/** Takes some searches one iteration further. */
sealed interface Method extends AutoCloseable permits GradientMethod, LevenbergMarquardt {

    /** How many searches go together at most. */
    int rows();

    Search search(int example, StartPoints.Start start);

    void advance(List<Search> searches);

    @Override
    void close();
}
