package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.Likelihood;
import io.github.latentdock.autoencoder.NetworkPlan;
import io.github.latentdock.autoencoder.SavedCodes;
import io.github.latentdock.autoencoder.TrainingSettings;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.registry.Format;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.registry.Version;
import io.github.latentdock.storage.FileDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** Plans that would end their workers, though weights and batches are small. */
class MemoryCheckTest {

    private static final int[] PICTURE = {1, 28, 28};
    private static final Map<String, Object> AE = Map.of("type", "ae");

    @TempDir
    Path folder = Path.of("");

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

    /** 3 * 128 * 128 * (320 + 16) values, three times: 189 MB. Nobody asked for pca, or could have random instead. */
    @Test
    void componentsThatAModelIsOnlyComparedWithAreTheLatentsFault() {
        for (Map<String, Object> objective : List.of(AE, Map.<String, Object>of("type", "ad", "codes", "random"))) {
            assertThat(check(plan(objective, 320, Map.of("batchSize", 16)), new int[] {3, 128, 128}, 2000, false, null)
                            .fault(DataSize.ofMegabytes(100)))
                    .hasValueSatisfying(fault -> assertThat(fault.detail())
                            .startsWith(
                                    "network.latent is [320], and for as many principal components to compare with"));
        }
    }

    /** Worked out by hand; beside codes there are 4 MB. */
    @Test
    void codesOfAParentAreCountedAsFarAsTheyAreLearnedOrKept() throws IOException {
        // 250000 old codes of 8 values are held and, with 60000 new ones, learned and kept: 4, 28 and 4
        // bytes a value, and 8 more for the density of 100000 codes.
        assertThat(megabytes("ad", Map.of(), false, parent(250_000, false))).isEqualTo(92);
        // The old ones are not learned.
        assertThat(megabytes("ad", Map.of("freeze", "decoder"), false, parent(250_000, false)))
                .isEqualTo(39);
        // All of them are those of the examples.
        assertThat(megabytes("ad", Map.of(), true, parent(60_000, false))).isEqualTo(23);
        // With their variances, 8 and 56 bytes a value.
        assertThat(megabytes("vad", Map.of(), false, parent(250_000, true))).isEqualTo(166);
        assertThat(megabytes("vad", Map.of(), false, parent(250_000, false))).isEqualTo(166);
    }

    @Test
    void whatMakesANetworkTooLargeIsSoughtInWhatWasGiven() {
        assertThat(field(Map.of("preset", "mlp", "latent", 60_000), PICTURE)).isEqualTo("network.latent");
        assertThat(field(Map.of("preset", "mlp", "latent", 2), new int[] {3, 1000, 1000}))
                .isEqualTo("network");
        assertThat(field(Map.of("preset", "mlp", "hidden", List.of(60_000), "latent", 2), PICTURE))
                .isEqualTo("network.hidden");
        assertThat(field(Map.of("preset", "mlp", "hidden", List.of(400), "latent", 60_000), PICTURE))
                .isEqualTo("network.latent");
    }

    private static String field(Map<String, Object> network, int[] shape) {
        Plan plan = plan(AE, 1, Map.of("network", network));
        return check(plan, shape, 1000, false, null)
                .fault(DataSize.ofMegabytes(100))
                .orElseThrow()
                .field();
    }

    /** Of a training on 60000 examples. */
    private static int megabytes(String objective, Map<String, Object> more, boolean same, Version.Sound parent) {
        var all = new HashMap<String, Object>(Map.of("parent", "p@1"));
        all.putAll(more);
        String told = check(plan(Map.of("type", objective), 8, all), PICTURE, 60_000, same, parent)
                .fault(DataSize.ofBytes(0))
                .orElseThrow()
                .detail();
        return Integer.parseInt(told.replaceFirst(".* takes about (\\d+) MB .*", "$1"));
    }

    private Version.Sound parent(int codes, boolean variances) throws IOException {
        Path place = Files.createTempDirectory(folder, "parent");
        float[] values = new float[codes * 8];
        new SavedCodes(values, variances ? values : new float[0]).write(place, new int[] {8});
        var files = new LinkedHashMap<>(Map.of(SavedCodes.FILE, FileDigest.of(place.resolve(SavedCodes.FILE))));
        var manifest = new Manifest(
                "p",
                1,
                Kind.AD,
                Format.SAFETENSORS,
                new Manifest.Input(PICTURE, null, Likelihood.GAUSSIAN),
                new Manifest.Latent(new int[] {8}, Manifest.STANDARD_NORMAL, null),
                null,
                files,
                Map.of(),
                null,
                Map.of());
        return new Version.Sound("p", 1, manifest, place);
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
        return check(plan(objective, latent, more), shape, shape[0] == 1 ? 60_000 : 2000, false, null)
                .fault(DataSize.ofGigabytes(2));
    }

    private static MemoryCheck check(
            Plan plan, int[] shape, int examples, boolean same, Version.@Nullable Sound parent) {
        NetworkPlan network = Plans.JSON.convertValue(plan.network(), NetworkPlan.class);
        var settings = new TrainingSettings(
                plan.objective(),
                plan.optimizer(),
                plan.epochs(),
                plan.batchSize(),
                plan.seed(),
                null,
                plan.freeze() == Plan.Freeze.DECODER,
                same);
        return new MemoryCheck(
                plan, network, network.declare(plan.objective(), shape, true), settings, examples, parent);
    }
}
