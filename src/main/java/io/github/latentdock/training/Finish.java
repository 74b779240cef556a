package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Evaluation;
import io.github.latentdock.autoencoder.Examples;
import io.github.latentdock.autoencoder.FittedDensities;
import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.LatentDensity;
import io.github.latentdock.autoencoder.Safetensors;
import io.github.latentdock.autoencoder.SavedCodes;
import io.github.latentdock.autoencoder.TrainedState;
import io.github.latentdock.autoencoder.Trainer;
import io.github.latentdock.autoencoder.UnitBall;
import io.github.latentdock.autoencoder.Wanted;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import io.github.latentdock.tensor.WireFormat;
import io.github.latentdock.training.DatasetExamples.Split;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes the files of a version out of a training that has ended, and measures it. */
final class Finish {

    private static final int MOST_DRAWN = 32;
    private static final int SAMPLES = 64;
    private static final int COLUMNS = 8;

    private final Blueprint blueprint;
    private final Split split;
    private final Wanted wanted;
    private final TrainedState trained;
    private final double forgotten;
    private final int latentSize;

    Finish(Blueprint blueprint, Split split, Trainer trainer, Wanted wanted) {
        this.blueprint = blueprint;
        this.split = split;
        this.wanted = wanted;
        this.trained = trainer.result();
        this.forgotten = trainer.forgotten();
        this.latentSize =
                Math.toIntExact(Tensor.size(blueprint.declared().network().latentShape()));
    }

    /**
     * Writes them and gives the manifest's metrics.
     *
     * @throws java.util.concurrent.CancellationException when nobody wants them any more
     */
    Map<String, Object> write(Path folder) {
        Safetensors.write(folder.resolve("weights.safetensors"), trained.weights());
        var metrics = new LinkedHashMap<String, Object>();
        try (var evaluation =
                new Evaluation(blueprint.settings(), blueprint.declared().network(), trained, wanted)) {
            SavedCodes codes = codes(evaluation);
            codes.write(folder, blueprint.declared().network().latentShape());
            FittedDensities densities = FittedDensities.fit(codes.codes(), latentSize, wanted);
            densities.write(folder.resolve(FittedDensities.FILE));
            boolean isHeld = split.held().count() > 0;
            Examples judged = isHeld ? split.held() : split.training();
            metrics.putAll(evaluation.measure(split.training(), judged));
            metrics.put("measuredOn", isHeld ? "held-out" : "training");
            if (!isHeld) {
                // Promises about new data cannot be made from old data.
                metrics.remove("errorQuantiles");
            }
            if (!Double.isNaN(forgotten)) {
                metrics.put("forgotten", forgotten);
            }
            if (isPicture(blueprint.dataset().shape())) {
                draw(folder.resolve("reconstructions.png"), reconstructions(evaluation, judged));
                draw(folder.resolve("samples.png"), samples(evaluation, densities));
            }
        }
        return metrics;
    }

    /** How many codes were learned, whether they stay with the version or not; 0 where there is an encoder. */
    int learned() {
        return trained.codes().length / latentSize;
    }

    private SavedCodes codes(Evaluation evaluation) {
        boolean encoder = blueprint.plan().objective().kind() != Kind.AD;
        int all = encoder ? split.training().count() : learned();
        int count = (int) KeptCodes.count(blueprint.plan(), latentSize, all);
        if (!encoder) {
            return trained.codes(count, latentSize);
        }
        int[] rows = new int[count];
        Arrays.setAll(rows, i -> (int) ((long) i * all / count));
        return new SavedCodes(evaluation.codes(split.training(), rows), new float[0]);
    }

    /** Examples in the odd rows, what the model makes of them beneath. */
    private float[] reconstructions(Evaluation evaluation, Examples examples) {
        int count = Math.min(MOST_DRAWN, examples.count());
        int size = examples.size();
        float[] drawn = new float[2 * Math.ceilDiv(count, COLUMNS) * COLUMNS * size];
        evaluation.reconstruct(examples, count, (row, made, offset) -> {
            int above = row / COLUMNS * 2 * COLUMNS + row % COLUMNS;
            examples.values(row, drawn, above * size);
            System.arraycopy(made, offset, drawn, (above + COLUMNS) * size, size);
        });
        return drawn;
    }

    private float[] samples(Evaluation evaluation, FittedDensities densities) {
        LatentDensity density = blueprint.plan().objective().kind() == Kind.VAE
                ? LatentDensity.standardNormal(latentSize)
                : densities.mixture();
        float[] latents = density.sample(SAMPLES, 1, blueprint.plan().seed());
        if (blueprint.latent().inUnitBall()) {
            UnitBall.shorten(latents, latentSize);
        }
        return evaluation.decode(latents);
    }

    private static boolean isPicture(int[] shape) {
        return shape.length == 3 && (shape[0] == 1 || shape[0] == 3);
    }

    private void draw(Path file, float[] values) {
        int[] one = blueprint.dataset().shape();
        int size = Math.toIntExact(Tensor.size(one));
        int[] shape = {values.length / size, one[0], one[1], one[2]};
        ValueRange range = blueprint.dataset().range();
        try (OutputStream out = Files.newOutputStream(file)) {
            WireFormat.PNG.write(new Tensor(shape, values), range == null ? ValueRange.UNIT : range, COLUMNS, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
