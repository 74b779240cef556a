package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Examples;
import io.github.latentdock.autoencoder.LatentOptimizer;
import io.github.latentdock.autoencoder.Losses;
import io.github.latentdock.autoencoder.Trainer;
import io.github.latentdock.dataset.DatasetReader;
import io.github.latentdock.dataset.Datasets;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.training.DatasetExamples.Split;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The training of an autoencoder on a dataset. */
final class AutoencoderLoop implements TrainingLoop {

    private static final LatentOptimizer.Monitor PATIENT = (iteration, objectives) -> true;

    private final Blueprint blueprint;
    private final DatasetReader reader;
    private final Split split;
    private final Trainer trainer;
    private long epochStart = System.nanoTime();
    private long epochExamples;

    private AutoencoderLoop(
            Datasets datasets, Blueprint blueprint, BiFunction<Split, @Nullable Examples, Trainer> trainer) {
        this.blueprint = blueprint;
        this.reader = datasets.open(blueprint.dataset());
        try {
            this.split = Split.of(
                    blueprint.dataset(), reader, blueprint.plan().validation().fraction());
            this.trainer = trainer.apply(split, split.held().count() == 0 ? null : split.held());
        } catch (RuntimeException | Error e) {
            reader.close();
            throw e;
        }
    }

    static AutoencoderLoop start(Datasets datasets, Blueprint blueprint) {
        return new AutoencoderLoop(
                datasets,
                blueprint,
                (split, held) -> Trainer.start(
                        blueprint.settings(),
                        blueprint.declared().network(),
                        split.training(),
                        held,
                        AutoencoderLoops.trained(blueprint),
                        PATIENT));
    }

    static AutoencoderLoop resume(Datasets datasets, Blueprint blueprint, Path checkpoint) {
        return new AutoencoderLoop(
                datasets,
                blueprint,
                (split, held) -> Trainer.resume(
                        blueprint.settings(),
                        blueprint.declared().network(),
                        split.training(),
                        held,
                        AutoencoderLoops.trained(blueprint),
                        checkpoint));
    }

    @Override
    public int epoch() {
        return trainer.epoch();
    }

    @Override
    public int epochs() {
        return blueprint.plan().epochs();
    }

    @Override
    public int step() {
        return trainer.step();
    }

    @Override
    public int stepsPerEpoch() {
        return trainer.stepsPerEpoch();
    }

    @Override
    public boolean finished() {
        return trainer.finished();
    }

    @Override
    public Losses advance() {
        if (trainer.step() == 0) {
            epochStart = System.nanoTime();
            epochExamples = 0;
        }
        Losses losses = trainer.advance();
        epochExamples += blueprint.plan().batchSize();
        return losses;
    }

    @Override
    public EpochMetrics endEpoch() {
        double training = (System.nanoTime() - epochStart) / 1e9;
        Trainer.Epoch epoch = trainer.endEpoch();
        return new EpochMetrics(
                trainer.epoch(),
                epoch.training(),
                epoch.validation(),
                (System.nanoTime() - epochStart) / 1e9,
                epochExamples / training);
    }

    @Override
    public void save(Path folder) {
        trainer.save(folder);
    }

    @Override
    public Outcome finish(Path folder) {
        Map<String, Object> metrics = new Finish(blueprint, split, trainer).write(folder);
        return new Outcome(
                blueprint.plan().objective().kind(),
                new Manifest.Input(
                        blueprint.dataset().shape(),
                        blueprint.range(),
                        blueprint.plan().objective().likelihood()),
                blueprint.latent(),
                blueprint.declared().declaration(),
                metrics,
                Map.of("datasetRows", split.training().count()));
    }

    @Override
    public void close() {
        trainer.close();
        reader.close();
    }
}
