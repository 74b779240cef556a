package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.autoencoder.LatentOptimizer.Fit;
import io.github.latentdock.autoencoder.LatentOptimizer.Settings;
import io.github.latentdock.testing.Npz;
import io.github.latentdock.testing.References;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On the references, against what 800 steps of Adam reached in PyTorch. */
class LatentOptimizerReferenceTest {

    private static final Shape IMAGE = new Shape(1, 28, 28);
    private static final int SIZE = 784;

    enum Reference {
        AE("fashion-ae", 32, false),
        VAE("fashion-vae", 16, false),
        AD("fashion-ad", 32, false),
        AE_TORCHSCRIPT("fashion-ae", 32, true),
        VAE_TORCHSCRIPT("fashion-vae", 16, true),
        AD_TORCHSCRIPT("fashion-ad", 32, true);

        final String model;
        final int latents;
        final boolean script;

        Reference(String model, int latents, boolean script) {
            this.model = model;
            this.latents = latents;
            this.script = script;
        }

        Autoencoder load() {
            if (!script) {
                return Models.load(model);
            }
            Kind kind = switch (model) {
                case "fashion-ae" -> Kind.AE;
                case "fashion-vae" -> Kind.VAE;
                default -> Kind.AD;
            };
            return TorchScript.load(References.script(model), kind, IMAGE, new Shape(latents));
        }

        LatentOptimizer optimizer(Autoencoder loaded) {
            float[][] codes = null;
            if (model.equals("fashion-ad")) {
                try (var file =
                        Safetensors.open(References.version("fashion-ad").resolve("codes.safetensors"))) {
                    float[] all = file.floats(file.entries().firstEntry().getKey());
                    codes = new float[all.length / latents][];
                    Arrays.setAll(codes, i -> Arrays.copyOfRange(all, i * latents, (i + 1) * latents));
                }
            }
            return new LatentOptimizer(loaded, IMAGE, new Shape(latents), Likelihood.GAUSSIAN, codes, 64);
        }

        Npz expected() {
            return Npz.read("/reference/%s/expected.npz".formatted(model));
        }
    }

    @ParameterizedTest
    @EnumSource
    void reachesWhatAdamReaches(Reference reference) {
        assertReaches(reference, null, "fit_objective_adam800");
    }

    @ParameterizedTest
    @EnumSource
    void reachesWhatAdamReachesWithHalfObserved(Reference reference) {
        assertReaches(
                reference, reference.expected().get("fit_mask_top_half").values(), "fit_masked_objective_adam800");
    }

    private static void assertReaches(Reference reference, float @Nullable [] mask, String name) {
        Npz expected = reference.expected();
        try (Autoencoder model = reference.load();
                LatentOptimizer optimizer = reference.optimizer(model)) {
            double sum = fit(optimizer, expected.get("fit_x").values(), mask, Settings.DEFAULT).stream()
                    .mapToDouble(Fit::objective)
                    .sum();
            double adam = 0;
            for (float objective : expected.get(name).values()) {
                adam += objective;
            }
            // One example may end in another valley than Adam, in either direction.
            assertThat(sum).isLessThan(1.01 * adam);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anExampleNeverDependsOnItsBatchMates(Reference reference) {
        assertIndependent(reference, false);
    }

    @ParameterizedTest
    @EnumSource
    void anExampleNeverDependsOnItsBatchMatesWhereValuesAreMissing(Reference reference) {
        assertIndependent(reference, true);
    }

    /** To the last bit: alone, among 7 and among 64, in any order. */
    private static void assertIndependent(Reference reference, boolean masked) {
        float[] base = reference.expected().get("fit_x").values();
        Random random = new Random(5);
        float[] values = new float[64 * SIZE];
        float[] mask = new float[64 * SIZE];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.clamp(base[i % base.length] + 0.1f * (float) random.nextGaussian(), 0, 1);
            mask[i] = random.nextFloat() < 0.1 * (i / SIZE % 10) ? 0 : 1;
        }
        var settings = new Settings(LatentOptimizer.Loss.SQUARED, 0.01, 1e-4, 25, 1, 0, null);
        try (Autoencoder model = reference.load();
                LatentOptimizer optimizer = reference.optimizer(model)) {
            List<Integer> order = new ArrayList<>(IntStream.range(0, 64).boxed().toList());
            List<Fit> all = fitRows(optimizer, values, masked ? mask : null, order, settings);
            for (List<Integer> some : List.of(List.of(0), List.of(37), List.of(63, 5, 17, 2, 40, 8, 33))) {
                assertSame(all, some, fitRows(optimizer, values, masked ? mask : null, some, settings));
            }
            Collections.shuffle(order, random);
            assertSame(all, order, fitRows(optimizer, values, masked ? mask : null, order, settings));
        }
    }

    private static void assertSame(List<Fit> all, List<Integer> rows, List<Fit> fits) {
        for (int i = 0; i < rows.size(); i++) {
            assertThat(fits.get(i).latent()).isEqualTo(all.get(rows.get(i)).latent());
            assertThat(fits.get(i).objective()).isEqualTo(all.get(rows.get(i)).objective());
        }
    }

    private static List<Fit> fitRows(
            LatentOptimizer optimizer, float[] values, float @Nullable [] mask, List<Integer> rows, Settings settings) {
        return fit(optimizer, rows(values, rows), mask == null ? null : rows(mask, rows), settings);
    }

    private static float[] rows(float[] values, List<Integer> rows) {
        float[] chosen = new float[rows.size() * SIZE];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(values, rows.get(i) * SIZE, chosen, i * SIZE, SIZE);
        }
        return chosen;
    }

    @ParameterizedTest
    @EnumSource(names = {"AE", "VAE", "AD"})
    void moreStartsAreNeverWorse(Reference reference) {
        float[] values = reference.expected().get("fit_x").values();
        float[] mask = reference.expected().get("fit_mask_top_half").values();
        try (Autoencoder model = reference.load();
                LatentOptimizer optimizer = reference.optimizer(model)) {
            List<Fit> one = fit(optimizer, values, mask, starts(1));
            List<Fit> four = fit(optimizer, values, mask, starts(4));
            for (int i = 0; i < one.size(); i++) {
                assertThat(four.get(i).objective())
                        .isLessThanOrEqualTo(one.get(i).objective());
            }
            assertThat(four.stream().mapToDouble(Fit::objective).sum())
                    .isLessThan(one.stream().mapToDouble(Fit::objective).sum());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AE", "VAE", "AD"})
    void theSameSeedGivesTheSameAnswer(Reference reference) {
        float[] values = Arrays.copyOf(reference.expected().get("fit_x").values(), SIZE);
        try (Autoencoder model = reference.load();
                LatentOptimizer optimizer = reference.optimizer(model)) {
            assertThat(fit(optimizer, values, null, starts(4)).getFirst().latent())
                    .isEqualTo(
                            fit(optimizer, values, null, starts(4)).getFirst().latent());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"VAE", "VAE_TORCHSCRIPT"})
    void lanesThatOptimiseAtOnceGetTheSameAnswers(Reference reference) throws Exception {
        float[] values = reference.expected().get("fit_x").values();
        try (Autoencoder model = reference.load();
                LatentOptimizer optimizer = reference.optimizer(model);
                var lanes = Executors.newFixedThreadPool(3)) {
            float[] expected =
                    fit(optimizer, values, null, Settings.DEFAULT).get(3).latent();
            Callable<List<Fit>> work = () -> fit(optimizer, values, null, Settings.DEFAULT);
            for (Future<List<Fit>> fits : lanes.invokeAll(Collections.nCopies(6, work))) {
                assertThat(fits.get().get(3).latent()).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AE", "AD_TORCHSCRIPT"})
    void leavesNothingBehind(Reference reference) {
        float[] values = Arrays.copyOf(reference.expected().get("fit_x").values(), SIZE);
        float[] mask =
                Arrays.copyOf(reference.expected().get("fit_mask_top_half").values(), SIZE);
        NDManager any = NDManager.newBaseManager();
        NDManager system = any.getParentManager();
        any.close();
        try (Autoencoder model = reference.load();
                LatentOptimizer optimizer = reference.optimizer(model)) {
            fit(optimizer, values, mask, starts(2));
            int before = managed(system);
            for (int i = 0; i < 20; i++) {
                fit(optimizer, values, i % 2 == 0 ? null : mask, starts(2));
            }
            assertThat(managed(system)).isEqualTo(before);
        }
    }

    private static int managed(NDManager system) {
        return ((BaseNDManager) system).getManagedArrays().size();
    }

    private static Settings starts(int starts) {
        return new Settings(LatentOptimizer.Loss.SQUARED, 0.01, 1e-4, 100, starts, 0, null);
    }

    private static List<Fit> fit(
            LatentOptimizer optimizer, float[] values, float @Nullable [] mask, Settings settings) {
        return optimizer.optimize(values, mask, settings, (iteration, objectives) -> true);
    }
}
