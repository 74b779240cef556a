package io.github.latentdock.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.autoencoder.FittedDensities;
import io.github.latentdock.autoencoder.LatentDensity;
import io.github.latentdock.autoencoder.Wanted;
import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Whoever asks for a density that is not fitted yet; here a fit goes on when the test runs it. */
class DensitiesTest {

    private static final LatentDensity PRIOR = LatentDensity.standardNormal(2);

    private final List<Runnable> asked = new ArrayList<>();
    private final Densities densities = new Densities("m", PRIOR, new float[] {0, 1, 2, 3, 4, 5}, asked::add);

    @Test
    void waitsNoLongerThanItsDeadline() {
        var impatient = new Call(Duration.ofMillis(1), () -> false);

        Problem problem = catchThrowableOfType(Problem.class, () -> densities.await(LatentSource.MIXTURE, impatient));
        assertThat(problem.fault()).isEqualTo(Fault.DEADLINE_EXCEEDED);
    }

    @Test
    void waitsNoLongerThanItsClient() {
        var deserted = new Call(Duration.ofHours(1), () -> true);

        assertThatExceptionOfType(ClientGoneException.class)
                .isThrownBy(() -> densities.await(LatentSource.GAUSSIAN, deserted));
    }

    @Test
    void waitsNoLongerThanTheServiceDrains() {
        Call call = Parts.patientCall();
        var answer = CompletableFuture.supplyAsync(
                () -> densities.await(LatentSource.MIXTURE, call), Thread::startVirtualThread);
        call.giveUp(Problem.of(Fault.UNAVAILABLE, "The service is shutting down"));

        assertThat(answer)
                .failsWithin(Duration.ofMinutes(1))
                .withThrowableThat()
                .withMessageContaining("shutting");
    }

    @Test
    void getsWhatWasFittedMeanwhileAndKept() {
        Call call = Parts.patientCall();
        var answer = CompletableFuture.supplyAsync(
                () -> densities.await(LatentSource.MIXTURE, call), Thread::startVirtualThread);
        densities.prepare();

        LatentDensity fitted = answer.join();
        asked.forEach(Runnable::run);
        assertThat(densities.await(LatentSource.MIXTURE, call)).isSameAs(fitted);
    }

    @Test
    void triesAgainWhatFailedBefore() {
        float[] codes = {Float.NaN, 1, 2, 3, 4, 5};
        var unlucky = new Densities("m", PRIOR, codes, Runnable::run);
        unlucky.prepare();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> unlucky.await(LatentSource.MIXTURE, Parts.patientCall()));
        codes[0] = 0;

        assertThat(unlucky.await(LatentSource.MIXTURE, Parts.patientCall()).size())
                .isEqualTo(2);
    }

    @Test
    void takesWhatAVersionBringsAlong() {
        FittedDensities fitted = FittedDensities.fit(new float[] {0, 1, 2, 3, 4, 5}, 2, Wanted.ALWAYS);
        Densities brought = Densities.of("m", PRIOR, fitted);

        assertThat(brought.await(LatentSource.MIXTURE, Parts.patientCall())).isSameAs(fitted.mixture());
        assertThat(brought.await(LatentSource.GAUSSIAN, Parts.patientCall())).isSameAs(fitted.gaussian());
        assertThat(brought.defaultSource()).isEqualTo(LatentSource.MIXTURE);
    }

    @Test
    void hasOnlyThePriorWithoutCodes() {
        var without = new Densities("m", PRIOR, null, asked::add);

        assertThat(without.defaultSource()).isEqualTo(LatentSource.PRIOR);
        assertThat(without.await(LatentSource.PRIOR, Parts.patientCall())).isSameAs(PRIOR);
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> without.await(LatentSource.MIXTURE, Parts.patientCall()))
                .withMessageContaining("source 'prior' works");
    }
}
