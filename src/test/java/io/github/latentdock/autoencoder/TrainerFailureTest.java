package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.testing.NativeHeap;
import io.github.latentdock.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that cannot begin leaves nothing behind. */
class TrainerFailureTest {

    static {
        SingleThread.use();
    }

    private static final int TIMES = 50;
    private static final int WIDTH = 64 * 64;
    private static final TestExamples EXAMPLES = TestExamples.patterns(40, 1, 1, 64, 64);
    private static final Objective AD = Trainings.objective("{'type': 'ad', 'codes': 'random'}");
    private static final Network NETWORK =
            Trainings.network(AD, "{'preset': 'mlp', 'hidden': [8], 'latent': 4}", EXAMPLES);
    private static final TrainingSettings SETTINGS = Trainings.settings(AD, "{'learningRate': 0.01}", 1, 40, null);

    @TempDir
    Path folder = Path.of("");

    private static TrainedState parent() {
        try (Trainer trainer = Trainings.start(SETTINGS, NETWORK, EXAMPLES, null)) {
            return trainer.result();
        }
    }

    @Test
    void whereTheCheckpointIsNotThere() {
        TrainedState parent = parent();

        assertNothingStays(
                () -> Trainer.resume(SETTINGS, NETWORK, EXAMPLES, null, parent, folder, Wanted.ALWAYS),
                RuntimeException.class);
    }

    /** The module is compiled by then, and the first weights are there. */
    @Test
    void whereTheCheckpointLacksAWeight() throws IOException {
        TrainedState parent = parent();
        Path saved = Files.createDirectory(folder.resolve("saved"));
        Path spoilt = Files.createDirectory(folder.resolve("spoilt"));
        try (Trainer trainer = Trainings.start(SETTINGS, NETWORK, EXAMPLES, null)) {
            trainer.save(saved);
        }
        var state = TrainerState.read(saved);
        var tensors = new LinkedHashMap<String, Values>(state.tensors());
        String last = state.within(TrainerState.WEIGHTS).lastEntry().getKey();
        tensors.keySet().removeAll(Set.of(TrainerState.WEIGHTS + last));
        new TrainerState(state.position(), tensors).write(spoilt);

        assertNothingStays(
                () -> Trainer.resume(SETTINGS, NETWORK, EXAMPLES, null, parent, spoilt, Wanted.ALWAYS),
                IllegalStateException.class);
    }

    @Test
    void whereItIsStoppedWhileNewCodesAreFitted() {
        TrainedState parent = parent();

        assertNothingStays(
                () -> Trainer.start(SETTINGS, NETWORK, EXAMPLES, null, parent, () -> false),
                CancellationException.class);
    }

    private static void assertNothingStays(ThrowingCallable fails, Class<? extends Throwable> how) {
        assertThatThrownBy(fails).isInstanceOf(how);
        int resources = NativeHeap.resources();
        long bytes = NativeHeap.bytes();
        for (int i = 0; i < TIMES; i++) {
            assertThatThrownBy(fails).isInstanceOf(how);
        }

        assertThat(NativeHeap.resources()).isEqualTo(resources);
        // Of what is held for the old decodings alone, this would be 50 times more. Direct buffers go with the garbage.
        Waiting.until("native memory is free", () -> {
            System.gc();
            return NativeHeap.bytes() - bytes < (long) EXAMPLES.count() * WIDTH * Float.BYTES;
        });
    }
}
