package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** To the last bit: weights, codes, moments, running statistics, the best epoch's, and how far the training is. */
class TrainerResumeTest {

    static {
        SingleThread.use();
    }

    private static final String LAYERS_WITH_NORMALISATION_AND_DROPOUT = """
            'encoder': [{'type': 'Conv2d', 'in_channels': 1, 'out_channels': 3, 'kernel_size': 4, 'stride': 2, 'padding': 1},
                        {'type': 'BatchNorm2d', 'num_features': 3}, {'type': 'ReLU'}, {'type': 'Flatten'}, {'type': 'Dropout', 'p': 0.2}],
            'mean': [{'type': 'Linear', 'in_features': 27, 'out_features': 4}],
            'log_variance': [{'type': 'Linear', 'in_features': 27, 'out_features': 4}],
            'decoder': [{'type': 'Linear', 'in_features': 4, 'out_features': 20}, {'type': 'BatchNorm1d', 'num_features': 20},
                        {'type': 'ReLU'}, {'type': 'Dropout', 'p': 0.3}, {'type': 'Linear', 'in_features': 20, 'out_features': 36},
                        {'type': 'Sigmoid'}, {'type': 'Unflatten', 'dim': 1, 'unflattened_size': [1, 6, 6]}]""";

    private static final TestExamples PICTURES = TestExamples.patterns(37, 1, 1, 6, 6);
    private static final TestExamples HELD = TestExamples.patterns(9, 2, 1, 6, 6);
    private static final EarlyStopping STOPPING = new EarlyStopping(2, 0);

    record Plan(
            String name,
            TrainingSettings settings,
            Network network,
            Examples examples,
            @Nullable Examples held) {

        static Plan of(
                String name,
                String objective,
                String network,
                String optimizer,
                Examples examples,
                @Nullable Examples held) {
            Objective read = Trainings.objective(objective);
            return new Plan(
                    name,
                    Trainings.settings(read, optimizer, 6, 8, held == null ? null : STOPPING),
                    Trainings.network(read, network, examples),
                    examples,
                    held);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Plan> plans() {
        return Stream.of(
                Plan.of(
                        "vae with batch normalisation and dropout",
                        "{'type': 'vae'}",
                        "{'latent': 4, %s}".formatted(LAYERS_WITH_NORMALISATION_AND_DROPOUT),
                        "{'learningRate': 0.05, 'schedule': 'cosine'}",
                        PICTURES,
                        HELD),
                Plan.of(
                        "dae, one that stops early",
                        "{'type': 'dae', 'noise': {'type': 'gaussian', 'sigma': 0.3}}",
                        "{'preset': 'mlp', 'hidden': [12], 'latent': 3}",
                        "{'type': 'adamw', 'learningRate': 0.3, 'clip': 5}",
                        PICTURES,
                        HELD),
                Plan.of(
                        "multi-level vae",
                        "{'type': 'ml-vae', 'group': 2, 'learnVariance': true, 'likelihood': 'gaussian'}",
                        "{'preset': 'mlp', 'hidden': [12], 'latent': 5}",
                        "{'type': 'sgd', 'momentum': 0.9, 'learningRate': 0.001}",
                        PICTURES.grouped(5),
                        HELD.grouped(3)),
                Plan.of(
                        "ad with convolutions",
                        "{'type': 'ad', 'loss': 'laplacian'}",
                        "{'preset': 'conv', 'hidden': [3, 4], 'latent': 4}",
                        "{'learningRate': 0.01}",
                        PICTURES,
                        HELD),
                Plan.of(
                        "ad in the ball",
                        "{'type': 'ad', 'codes': 'random', 'ball': true}",
                        "{'preset': 'mlp', 'hidden': [12], 'latent': 4}",
                        "{'learningRate': 0.01, 'weightDecay': 0.01}",
                        PICTURES,
                        null),
                Plan.of(
                        "vad where values are missing",
                        "{'type': 'vad', 'likelihood': 'gaussian', 'variance': 0.1, 'learnVariance': true}",
                        "{'preset': 'mlp', 'hidden': [12], 'latent': 4}",
                        "{'learningRate': 0.01}",
                        PICTURES.missing(0.4, 3),
                        HELD.missing(0.4, 4)));
    }

    @ParameterizedTest
    @MethodSource("plans")
    void aTrainingThatWasStoppedAgainAndAgainIsTheSameAsOneThatNeverWas(Plan plan, @TempDir Path folder)
            throws IOException {
        Path straight = Files.createDirectory(folder.resolve("straight"));
        List<Trainer.Epoch> epochs;
        try (var trainer = start(plan, 7)) {
            epochs = Trainings.finish(trainer);
            trainer.save(straight);
        }
        RandomGenerator random = TestExamples.random(plan.name.hashCode());
        Path checkpoint = Files.createDirectory(folder.resolve("0"));
        try (var trainer = start(plan, 7)) {
            trainer.save(checkpoint);
        }
        List<Trainer.Epoch> again = new ArrayList<>();
        for (int stop = 1; stop <= 5; stop++) {
            try (var trainer = Trainer.resume(
                    plan.settings, plan.network, plan.examples, plan.held, null, checkpoint, Wanted.ALWAYS)) {
                // The end of an epoch counts as a step, too.
                for (int steps = random.nextInt(9); steps > 0 || stop == 5; steps--) {
                    if (trainer.finished()) {
                        break;
                    }
                    if (trainer.atEndOfEpoch()) {
                        again.add(trainer.endEpoch());
                    } else {
                        trainer.advance();
                    }
                }
                checkpoint = Files.createDirectory(folder.resolve(String.valueOf(stop)));
                trainer.save(checkpoint);
            }
        }

        assertThat(again).isEqualTo(epochs);
        for (String file : List.of("state.safetensors", "position.json")) {
            assertThat(checkpoint.resolve(file)).hasSameBinaryContentAs(straight.resolve(file));
        }
    }

    @ParameterizedTest
    @MethodSource("plans")
    void theSameSeedGivesTheSameAndAnotherSeedOthers(Plan plan, @TempDir Path folder) throws IOException {
        Path first = trained(plan, 7, folder.resolve("first"));
        Path second = trained(plan, 7, folder.resolve("second"));
        Path other = trained(plan, 8, folder.resolve("other"));

        assertThat(first).hasSameBinaryContentAs(second);
        assertThat(Files.mismatch(first, other)).isNotNegative();
    }

    private static Path trained(Plan plan, long seed, Path folder) throws IOException {
        Files.createDirectory(folder);
        try (var trainer = start(plan, seed)) {
            for (int i = 0; i < 3; i++) {
                trainer.advance();
            }
            trainer.save(folder);
        }
        return folder.resolve("state.safetensors");
    }

    private static Trainer start(Plan plan, long seed) {
        var settings = new TrainingSettings(
                plan.settings.objective(),
                plan.settings.optimizer(),
                plan.settings.epochs(),
                plan.settings.batchSize(),
                seed,
                plan.settings.earlyStopping(),
                false);
        return Trainings.start(settings, plan.network, plan.examples, plan.held);
    }
}
