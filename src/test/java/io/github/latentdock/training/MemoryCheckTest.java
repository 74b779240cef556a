package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.autoencoder.NetworkPlan;
import io.github.latentdock.autoencoder.TrainingSettings;
import io.github.latentdock.problem.Problem.FieldError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** Plans that would end their workers, though weights and batches are small. */
class MemoryCheckTest {

    private static final int[] PICTURE = {1, 28, 28};
    private static final Map<String, Object> AE = Map.of("type", "ae");

    @Test
    void codesThatAreKeptAreCountedAndOfLargeLatentsFewAre() {
        assertThat(fault(AE, 65_536, PICTURE, Map.of())).isEmpty();
        // 3.1 GB.
        assertThat(fault(AE, 65_536, PICTURE, Map.of("keepCodes", 12_000)))
                .hasValueSatisfying(fault -> assertThat(fault.detail())
                        .startsWith("keepCodes is 12000, and with codes of 65536 values each training takes about 3")
                        .endsWith(" MB of memory; latentdock.training.max-memory allows 2048"));
        assertThat(fault(AE, 65_536, PICTURE, Map.of("keepCodes", 60_000)))
                .hasValueSatisfying(
                        fault -> assertThat(fault.detail())
                                .isEqualTo(
                                        "keepCodes is 60000, and with codes of 65536 values each training takes more values than an array can hold, which are about 2^31"));
    }

    @Test
    void codesThatNobodyAskedForAreBounded() {
        assertThat(KeptCodes.count(plan(AE, 20, Map.of()), 20, 60_000)).isEqualTo(4096);
        assertThat(KeptCodes.count(plan(AE, 20, Map.of()), 20, 900)).isEqualTo(900);
        // 64 MB.
        assertThat(KeptCodes.count(plan(AE, 65_536, Map.of()), 65_536, 60_000)).isEqualTo(256);
        assertThat(KeptCodes.count(plan(AE, 8, Map.of()), 1 << 30, 60_000)).isEqualTo(1);
        assertThat(KeptCodes.count(plan(AE, 65_536, Map.of("keepCodes", 500)), 65_536, 60_000))
                .isEqualTo(500);
        assertThat(KeptCodes.count(plan(Map.of("type", "ad"), 65_536, Map.of()), 65_536, 60_000))
                .isEqualTo(60_000);
    }

    @Test
    void theComponentsThatCodesBeginWithAreCounted() {
        int[] large = {3, 256, 256};

        // 3 * 256 * 256 * (1024 + 16) values, three times: 2.5 GB.
        assertThat(fault(Map.of("type", "ad"), 1024, large, Map.of()))
                .map(FieldError::field)
                .hasValue("objective.codes");
        assertThat(fault(Map.of("type", "ad", "codes", "random"), 1024, large, Map.of()))
                .isEmpty();
    }

    private static Plan plan(Map<String, Object> objective, int latent, Map<String, Object> more) {
        var all = new HashMap<String, Object>(Map.of(
                "objective", objective, "network", Map.of("preset", "mlp", "hidden", List.of(1), "latent", latent)));
        all.putAll(more);
        return Plans.plan(all);
    }

    /** Of 2000 examples of large pictures, else of 60000. */
    private static Optional<FieldError> fault(
            Map<String, Object> objective, int latent, int[] shape, Map<String, Object> more) {
        Plan plan = plan(objective, latent, more);
        NetworkPlan network = Plans.JSON.convertValue(plan.network(), NetworkPlan.class);
        var settings = new TrainingSettings(
                plan.objective(), plan.optimizer(), plan.epochs(), plan.batchSize(), plan.seed(), null, false);
        return new MemoryCheck(
                        plan,
                        network,
                        network.declare(plan.objective(), shape, true),
                        settings,
                        shape[0] == 1 ? 60_000 : 2000,
                        null)
                .fault(DataSize.ofGigabytes(2));
    }
}
