package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Randomness.Purpose;
import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.autoencoder.TrainerState.Position;
import java.util.LinkedHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a training begins with. */
final class InitialState {

    private InitialState() {}

    /**
     * @param examples what is to be trained on, old codes that are replayed included
     * @param parent whose weights are gone on from, and whose codes come first where they are replayed; null for none
     * @param wanted asked while codes are looked for
     */
    static TrainerState of(
            TrainingSettings settings,
            Network network,
            Examples examples,
            @Nullable TrainedState parent,
            Wanted wanted) {
        var randomness = new Randomness(settings.seed());
        Objective objective = settings.objective();
        var tensors = new LinkedHashMap<String, Values>();
        var weights = parent == null ? network.initial(randomness.of(Purpose.INITIAL_WEIGHTS, 0)) : parent.weights();
        weights.forEach((key, values) -> tensors.put(TrainerState.WEIGHTS + key, values));
        if (objective instanceof Objective.Variational variational && variational.learnVariance()) {
            double variance =
                    parent == null || Double.isNaN(parent.variance()) ? variational.variance() : parent.variance();
            tensors.put(
                    TrainerState.WEIGHTS + ObjectiveScript.LOG_VARIANCE,
                    new Values(new int[0], new float[] {(float) Math.log(variance)}));
        }
        if (objective instanceof Objective.Coded coded) {
            int size = Shapes.of(network).latentSize();
            float[] codes;
            if (parent == null) {
                codes = codes(coded, examples, size, randomness, wanted);
            } else if (settings.hasCodes(parent, examples, size)) {
                codes = parent.codes().clone();
            } else {
                codes = codes(coded, network, examples, parent, wanted);
            }
            int[] shape = {examples.count(), size};
            tensors.put(TrainerState.CODES + "0", new Values(shape, codes));
            if (objective instanceof Objective.Vad) {
                float[] logVariances = TrainedState.initialLogVariances(codes.length);
                boolean known = settings.hasCodes(parent, examples, size);
                if (parent != null && (known || examples instanceof Replay)) {
                    float[] old = parent.codeLogVariances();
                    System.arraycopy(old, 0, logVariances, 0, old.length);
                }
                tensors.put(TrainerState.CODES + "1", new Values(shape, logVariances));
            }
        }
        return new TrainerState(Position.START, tensors);
    }

    /** New examples begin at the latents that the decoder as it is explains them by best. */
    private static float[] codes(
            Objective.Coded objective, Network network, Examples examples, TrainedState parent, Wanted wanted) {
        int size = Shapes.of(network).latentSize();
        int old = examples instanceof Replay replay ? replay.old() : 0;
        float[] codes = new float[Math.multiplyExact(examples.count(), size)];
        System.arraycopy(parent.codes(), 0, codes, 0, old * size);
        try (var model = DeclaredAutoencoder.of(network, parent.weights());
                LatentOptimizer optimizer = TestTime.optimizer(model, network, objective, parent.codes())) {
            TestTime.fit(
                    optimizer,
                    examples,
                    old,
                    examples.count(),
                    TestTime.rough(objective, parent.variance()),
                    wanted,
                    (row, fit) -> System.arraycopy(fit.latent(), 0, codes, row * size, size));
        }
        return codes;
    }

    private static float[] codes(
            Objective.Coded objective, Examples examples, int size, Randomness randomness, Wanted wanted) {
        RandomGenerator random = randomness.of(Purpose.INITIAL_CODES, 0);
        if (objective.codes() == Objective.Codes.PCA) {
            return PrincipalComponents.fit(examples, size, randomness.of(Purpose.COMPONENTS, 0), wanted)
                    .whitened(examples, size, random, wanted);
        }
        float[] codes = new float[Math.multiplyExact(examples.count(), size)];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (float) random.nextGaussian();
        }
        return codes;
    }
}
