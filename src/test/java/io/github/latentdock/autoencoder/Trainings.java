package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Trainer.Epoch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Trainings for tests, told in JSON with single quotes. */
final class Trainings {

    private Trainings() {}

    static <T> T read(String json, Class<T> type) {
        return JsonMapper.shared().readValue(json.replace('\'', '"'), type);
    }

    static Objective objective(String json) {
        return read(json, Objective.class);
    }

    static Network network(Objective objective, String plan, Examples examples) {
        return read(plan, NetworkPlan.class)
                .declare(objective, examples.shape(), examples.high() == 1)
                .network();
    }

    static TrainingSettings settings(
            Objective objective, String optimizer, int epochs, int batchSize, @Nullable EarlyStopping stopping) {
        return new TrainingSettings(objective, read(optimizer, Optimizer.class), epochs, batchSize, 7, stopping, false);
    }

    static Trainer start(TrainingSettings settings, Network network, Examples examples, @Nullable Examples held) {
        return Trainer.start(settings, network, examples, held, null, Wanted.ALWAYS);
    }

    /** Trains to the end. */
    static List<Epoch> finish(Trainer trainer) {
        List<Epoch> epochs = new ArrayList<>();
        while (!trainer.finished()) {
            if (trainer.atEndOfEpoch()) {
                epochs.add(trainer.endEpoch());
            } else {
                trainer.advance();
            }
        }
        return epochs;
    }
}
