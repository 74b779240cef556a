package io.github.latentdock.training;

import io.github.latentdock.dataset.DatasetParts;
import io.github.latentdock.dataset.Datasets;
import io.github.latentdock.registry.ModelRepository;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Trainings that take a few seconds: a stand-in, and two that are real, on the pictures that are shipped. */
enum Job {
    /** A step of a millisecond and 1500 of them. */
    LINES {
        @Override
        TrainingLoops loops(ModelRepository models) {
            return new LeastSquares();
        }

        @Override
        Plan plan(Map<String, Object> more) {
            var all = new LinkedHashMap<String, Object>(
                    Map.of("epochs", 5, "network", Map.of("steps", 300, "nanos", 1_000_000)));
            all.putAll(more);
            return Plans.plan(all);
        }

        @Override
        List<String> files() {
            return List.of("weights.safetensors");
        }
    },
    VAE {
        @Override
        Plan plan(Map<String, Object> more) {
            return real(
                    Map.of("objective", Map.of("type", "vae"), "epochs", 40, "earlyStopping", Map.of("patience", 40)),
                    more);
        }
    },
    AD {
        @Override
        Plan plan(Map<String, Object> more) {
            return real(
                    Map.of("objective", Map.of("type", "ad"), "epochs", 20, "validation", Map.of("fraction", 0.01)),
                    more);
        }
    };

    private static final Path DATA = Path.of("data");
    private static final String DATASET = "fashion-mnist-sample";

    /** As a service sets it up, so that all processes compute the same. */
    static final List<String> ENGINE = List.of(
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Dai.djl.pytorch.num_threads=1",
            "-Dai.djl.pytorch.num_interop_threads=1");

    static {
        for (String option : ENGINE) {
            String[] property = option.substring("-D".length()).split("=");
            System.setProperty(property[0], property[1]);
        }
    }

    abstract Plan plan(Map<String, Object> more);

    Plan plan() {
        return plan(Map.of());
    }

    TrainingLoops loops(ModelRepository models) {
        return new AutoencoderLoops(datasets(), models, Plans.JSON, House.properties(DATA));
    }

    /** Of the version, those that must be the same to the bit. */
    List<String> files() {
        return List.of("weights.safetensors", "codes.safetensors");
    }

    private static Datasets datasets() {
        return DatasetParts.at(DATA);
    }

    private static Plan real(Map<String, Object> own, Map<String, Object> more) {
        var all = new LinkedHashMap<String, Object>();
        all.put("model", "fashion");
        all.put("dataset", DATASET);
        all.put("network", Map.of("preset", "mlp", "hidden", List.of(32), "latent", 4));
        all.put("batchSize", 32);
        all.putAll(own);
        all.putAll(more);
        return Plans.plan(all);
    }
}
