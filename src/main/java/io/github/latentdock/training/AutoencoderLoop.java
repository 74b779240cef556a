package io.github.latentdock.training;

import ai.djl.engine.Engine;
import io.github.latentdock.autoencoder.Examples;
import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.Losses;
import io.github.latentdock.autoencoder.PyTorch;
import io.github.latentdock.autoencoder.TrainedState;
import io.github.latentdock.autoencoder.Trainer;
import io.github.latentdock.autoencoder.Wanted;
import io.github.latentdock.dataset.DatasetReader;
import io.github.latentdock.dataset.Datasets;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.training.DatasetExamples.Split;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The training of an autoencoder on a dataset. */
final class AutoencoderLoop implements TrainingLoop {

    private static final Logger log = LoggerFactory.getLogger(AutoencoderLoop.class);

    private final Blueprint blueprint;
    private final Lineage lineage;
    private final DatasetReader reader;
    private final Split split;
    private final Trainer trainer;
    private final Wanted wanted;
    private long epochStart = System.nanoTime();
    private long epochExamples;

    private AutoencoderLoop(
            Datasets datasets,
            Blueprint blueprint,
            Lineage lineage,
            Wanted wanted,
            BiFunction<Split, @Nullable Examples, Trainer> trainer) {
        PyTorch.engine(); // A process may train before it has served anything.
        this.blueprint = blueprint;
        this.lineage = lineage;
        this.wanted = wanted;
        this.reader = datasets.open(blueprint.dataset());
        try {
            this.split = Split.of(
                    blueprint.dataset(), reader, blueprint.plan().validation().fraction());
            this.trainer =
                    reader.reading(() -> trainer.apply(split, split.held().count() == 0 ? null : split.held()));
        } catch (RuntimeException | Error e) {
            reader.close();
            throw e;
        }
    }

    static AutoencoderLoop start(Datasets datasets, Blueprint blueprint, @Nullable TrainedState parent, Wanted wanted) {
        return new AutoencoderLoop(datasets, blueprint, blueprint.lineage(), wanted, (split, held) -> {
            tellOfCodes(blueprint, parent, split.training());
            return Trainer.start(
                    blueprint.settings(), blueprint.declared().network(), split.training(), held, parent, wanted);
        });
    }

    /** It may take minutes, in which there is no progress to be told. */
    private static void tellOfCodes(Blueprint blueprint, @Nullable TrainedState parent, Examples examples) {
        if (parent == null || blueprint.plan().objective().kind() != Kind.AD) {
            return;
        }
        int size = Math.toIntExact(Tensor.size(blueprint.declared().network().latentShape()));
        if (!blueprint.settings().hasCodes(parent, examples, size)) {
            log.info(
                    "Before the first batch for model {}, codes of {} examples are looked for with the decoder of {}",
                    blueprint.plan().model(),
                    examples.count(),
                    blueprint.plan().parent());
        }
    }

    /** @param lineage of the version that will be made */
    static AutoencoderLoop resume(
            Datasets datasets,
            Blueprint blueprint,
            Lineage lineage,
            @Nullable TrainedState parent,
            Path checkpoint,
            Wanted wanted) {
        return new AutoencoderLoop(
                datasets,
                blueprint,
                lineage,
                wanted,
                (split, held) -> Trainer.resume(
                        blueprint.settings(),
                        blueprint.declared().network(),
                        split.training(),
                        held,
                        parent,
                        checkpoint,
                        wanted));
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
        Losses losses = reader.reading(trainer::advance);
        epochExamples += lastBatch();
        return losses;
    }

    @Override
    public int lastBatch() {
        return trainer.lastBatch();
    }

    @Override
    public EpochMetrics endEpoch() {
        long training = System.nanoTime() - epochStart;
        Trainer.Epoch epoch = reader.reading(trainer::endEpoch);
        return new EpochMetrics(
                trainer.epoch(),
                epoch.training(),
                epoch.validation(),
                Pace.seconds(System.nanoTime() - epochStart),
                Pace.perSecond(epochExamples, training));
    }

    @Override
    public void save(Path folder) {
        trainer.save(folder);
        lineage.write(folder);
    }

    @Override
    public Outcome finish(Path folder) {
        var finish = new Finish(blueprint, split, trainer, wanted);
        Map<String, Object> metrics = reader.reading(() -> finish.write(folder));
        var provenance = new LinkedHashMap<String, Object>();
        provenance.put("datasetRows", split.training().count());
        provenance.put(Lineage.HELD_OUT, lineage.heldOut());
        if (blueprint.plan().objective().kind() == Kind.AD) {
            provenance.put(Blueprint.CODES, finish.learned());
        }
        provenance.put("pytorch", Engine.getEngine("PyTorch").getVersion());
        return new Outcome(
                blueprint.plan().objective().kind(),
                new Manifest.Input(
                        blueprint.dataset().shape(),
                        blueprint.range(),
                        blueprint.plan().objective().likelihood()),
                blueprint.latent(),
                blueprint.declared().declaration(),
                metrics,
                provenance);
    }

    @Override
    public void close() {
        trainer.close();
        reader.close();
    }
}
