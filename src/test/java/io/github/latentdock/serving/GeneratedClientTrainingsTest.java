package io.github.latentdock.serving;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.client.model.Plan;
import io.github.latentdock.client.model.PlanObjective;
import io.github.latentdock.client.model.PlanOptimizer;
import io.github.latentdock.client.model.Training;
import io.github.latentdock.client.model.Training.StatusEnum;
import io.github.latentdock.client.model.TrainingEpoch;
import io.github.latentdock.client.model.TrainingList;
import io.github.latentdock.client.model.TrainingMetrics;
import io.github.latentdock.testing.Waiting;
import io.github.latentdock.training.LeastSquares;
import java.io.File;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** All operations on trainings. */
class GeneratedClientTrainingsTest extends GeneratedClient {

    private static final String MODEL = "generated-client-lines";

    @Test
    @Calls({
        "createTraining",
        "listTrainings",
        "getTraining",
        "cancelTraining",
        "resumeTraining",
        "deleteTraining",
        "watchTraining",
        "getTrainingMetrics",
        "getTrainingCurve",
        "deleteVersion"
    })
    void trainsCancelsResumesAndWatches() throws Exception {
        // A step of a millisecond and 2000 of them: long enough to be cancelled, short enough to be waited for.
        Training taken = trainings.createTraining(new Plan()
                .model(MODEL)
                .dataset(LeastSquares.DATASET)
                .objective(new PlanObjective().type(PlanObjective.TypeEnum.AD))
                .network(Map.of("steps", 500, "nanos", 1_000_000))
                .optimizer(new PlanOptimizer().learningRate(0.01))
                .epochs(4));
        assertThat(taken.getPlan().getBatchSize()).isEqualTo(128);
        assertThat(taken.getPlan().getSeed()).isNotNull();

        Waiting.until("it runs", () -> status(taken) == StatusEnum.RUNNING);
        trainings.cancelTraining(taken.getId());
        Waiting.until("it is cancelled", () -> status(taken) == StatusEnum.CANCELLED);
        trainings.resumeTraining(taken.getId());

        String events = trainings.watchTraining(taken.getId(), null);
        assertThat(events).contains("event: epoch\n", "event: end\n");
        Training ended = trainings.getTraining(taken.getId());
        assertThat(ended.getStatus()).isEqualTo(StatusEnum.SUCCEEDED);
        assertThat(requireNonNull(ended.getVersion())).isEqualTo(1);

        TrainingList listed = trainings.listTrainings(StatusEnum.SUCCEEDED.getValue(), 10, null);
        assertThat(listed.getTrainings()).contains(ended);
        TrainingMetrics metrics = trainings.getTrainingMetrics(taken.getId());
        assertThat(metrics.getEpochs()).extracting(TrainingEpoch::getEpoch).containsExactly(1, 2, 3, 4);
        File curve = trainings.getTrainingCurve(taken.getId());
        assertThat(Files.readAllBytes(curve.toPath())).startsWith(0x89, 'P', 'N', 'G');

        trainings.deleteTraining(taken.getId());
        assertThat(trainings.listTrainings(null, 200, null).getTrainings())
                .extracting(Training::getId)
                .doesNotContain(taken.getId());
        models.deleteVersion(MODEL, 1);
    }

    private StatusEnum status(Training training) {
        return trainings.getTraining(training.getId()).getStatus();
    }
}
