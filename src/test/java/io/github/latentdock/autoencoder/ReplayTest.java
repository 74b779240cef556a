package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.autoencoder.Objective.Ad;
import io.github.latentdock.autoencoder.Objective.Codes;
import io.github.latentdock.autoencoder.Objective.Loss;
import io.github.latentdock.autoencoder.Safetensors.Values;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An auto-decoder of waves of some frequencies is to learn waves of others. */
class ReplayTest {

    private static final int SIZE = 24;
    private static final int LATENT = 6;
    private static final Objective AD = new Ad(1e-3, Codes.PCA, 0.05, false, Loss.SQUARED);
    private static final Examples SLOW = new Waves(300, 1, 2);
    private static final Examples FAST = new Waves(300, 4, 5);
    private static final Network NETWORK = NetworkPlan.of(
                    NetworkPlan.Preset.MLP, List.of(64), "tanh", LATENT, null, null, null, null)
            .declare(AD, new int[] {SIZE}, false)
            .network();

    @BeforeAll
    static void oneThread() {
        SingleThread.use();
    }

    @Test
    void keepsWhatWasKnownWhileItLearnsWhatIsNew() {
        TrainedState before = trained(SLOW, null, 60, false);
        double knew = error(before, SLOW, 0);

        TrainedState replayed = trained(FAST, before, 40, false);
        TrainedState naive = trained(FAST, withoutCodes(before), 40, false);

        assertThat(replayed.codes()).hasSize(600 * LATENT);
        assertThat(error(replayed, FAST, 300)).isLessThan(0.02);
        // Waves have a mean square of 1/2. Without the old codes the decoder forgets what they meant.
        assertThat(error(replayed, SLOW, 0)).isLessThan(2 * knew + 0.01);
        assertThat(error(withCodes(naive, before), SLOW, 0)).isGreaterThan(4 * error(replayed, SLOW, 0));
    }

    @Test
    void tellsWhatWasForgotten() {
        TrainedState before = trained(SLOW, null, 30, false);
        try (Trainer trainer = trainer(FAST, before, 5, false)) {
            run(trainer);
            double forgotten = trainer.forgotten();
            TrainedState now = trainer.result();
            double expected = 0;
            try (var old = evaluation(before);
                    var fresh = evaluation(now)) {
                float[] was = old.decode(before.codes());
                float[] is = fresh.decode(Arrays.copyOf(now.codes(), before.codes().length));
                for (int i = 0; i < was.length; i++) {
                    expected += Math.pow(was[i] - is[i], 2) / was.length;
                }
            }
            assertThat(forgotten).isPositive().isCloseTo(expected, Assertions.withinPercentage(1));
        }
    }

    @Test
    void leavesAFrozenDecoderAsItIsAndOnlyAddsCodes() {
        TrainedState before = trained(new Waves(300, 1, 2, 4, 5), null, 80, false);
        TrainedState more = trained(FAST, before, 1, true);

        assertThat(more.weights().values().stream().map(Values::values).toList())
                .usingRecursiveComparison()
                .isEqualTo(
                        before.weights().values().stream().map(Values::values).toList());
        assertThat(Arrays.copyOf(more.codes(), before.codes().length)).isEqualTo(before.codes());
        assertThat(error(more, FAST, 300)).isLessThan(0.05);
    }

    /** Their decodings would take more than a GiB. */
    @Test
    void replaysEveryCodeHoweverLargeItsDecodingIs() {
        int size = 1 << 16;
        int codes = 5000;
        Network wide = NetworkPlan.of(NetworkPlan.Preset.MLP, List.of(), null, 1, null, null, null, null)
                .declare(AD, new int[] {size}, false)
                .network();
        var parent = new TrainedState(wide.initial(TestExamples.random(1)), TestExamples.normal(codes, 2), Double.NaN);
        TestExamples fresh = TestExamples.of(new float[2 * size], size);

        try (Trainer trainer = Trainer.start(settings(1, false), wide, fresh, null, parent, Wanted.ALWAYS)) {
            assertThat(trainer.result().codes()).hasSize(codes + 2).startsWith(parent.codes());
            assertThat(trainer.stepsPerEpoch()).isEqualTo(Math.ceilDiv(codes + 2 - 1, 32));
        }
    }

    @Test
    void aCodeDecodesToTheSameWhateverIsWantedWithIt() {
        TrainedState before = trained(SLOW, null, 1, false);
        try (var replay = new Replay(FAST, NETWORK, before)) {
            int[] rows = new Randomness(3).order(replay.count(), 0);
            float[] together = new float[rows.length * SIZE];
            replay.values(rows, rows.length, together);

            for (int i = 0; i < rows.length; i++) {
                float[] alone = new float[SIZE];
                replay.values(rows[i], alone, 0);
                assertThat(Arrays.copyOfRange(together, i * SIZE, (i + 1) * SIZE))
                        .isEqualTo(alone);
            }
        }
    }

    @Test
    void oldCodesKeepTheVariancesThatTheyHave() {
        Objective vad = Trainings.objective("{'type': 'vad', 'likelihood': 'gaussian', 'variance': 0.1}");
        TrainingSettings settings = Trainings.settings(vad, "{'learningRate': 0.005}", 3, 32, null);
        TrainedState before;
        try (Trainer trainer = Trainings.start(settings, NETWORK, SLOW, null)) {
            run(trainer);
            before = trainer.result();
        }
        assertThat(before.logVariances()).hasSize(300 * LATENT).doesNotContain(-4f);

        for (boolean frozen : new boolean[] {false, true}) {
            var more = new TrainingSettings(vad, settings.optimizer(), 1, 32, 7, null, frozen);
            try (Trainer trainer = Trainer.start(more, NETWORK, FAST, null, before, Wanted.ALWAYS)) {
                float[] all = trainer.result().logVariances();
                assertThat(all).hasSize(600 * LATENT).startsWith(before.logVariances());
                assertThat(Arrays.copyOfRange(all, 300 * LATENT, 600 * LATENT)).containsOnly(-4);
            }
        }
    }

    @Test
    void theSameExamplesGoOnWithTheCodesThatTheyHave() {
        TrainedState before = trained(SLOW, null, 20, false);
        for (boolean frozen : new boolean[] {false, true}) {
            var settings = new TrainingSettings(
                    AD, Optimizer.of(null, 5e-3, null, null, null, null), 1, 32, 7, null, frozen, true);
            try (Trainer trainer = Trainer.start(settings, NETWORK, SLOW, null, before, Wanted.ALWAYS)) {
                assertThat(trainer.result().codes()).isEqualTo(before.codes());
                assertThat(trainer.stepsPerEpoch()).isEqualTo(10);
                run(trainer);
                assertThat(trainer.result().codes()).hasSize(300 * LATENT).isNotEqualTo(before.codes());
                assertThat(trainer.forgotten()).isNaN();
            }
        }
        // Codes that are not as many as the examples are those of others.
        var settings =
                new TrainingSettings(AD, Optimizer.of(null, 5e-3, null, null, null, null), 1, 32, 7, null, false, true);
        try (Trainer trainer = Trainer.start(settings, NETWORK, new Waves(200, 1, 2), null, before, Wanted.ALWAYS)) {
            assertThat(trainer.result().codes()).hasSize(500 * LATENT).startsWith(before.codes());
        }
    }

    @Test
    void canBeStoppedWhileNewCodesAreFitted() {
        TrainedState before = trained(SLOW, null, 2, false);

        Assertions.assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> Trainer.start(settings(1, false), NETWORK, FAST, null, before, () -> false));
    }

    private static TrainedState trained(Examples examples, @Nullable TrainedState parent, int epochs, boolean frozen) {
        try (Trainer trainer = trainer(examples, parent, epochs, frozen)) {
            run(trainer);
            return trainer.result();
        }
    }

    private static Trainer trainer(Examples examples, @Nullable TrainedState parent, int epochs, boolean frozen) {
        return Trainer.start(settings(epochs, frozen), NETWORK, examples, null, parent, Wanted.ALWAYS);
    }

    private static TrainingSettings settings(int epochs, boolean frozen) {
        Optimizer optimizer = Optimizer.of(null, 5e-3, null, null, null, null);
        return new TrainingSettings(AD, optimizer, epochs, 32, 7, null, frozen);
    }

    private static void run(Trainer trainer) {
        while (!trainer.finished()) {
            while (!trainer.atEndOfEpoch()) {
                assertThat(trainer.advance().finite()).isTrue();
            }
            trainer.endEpoch();
        }
    }

    private static Evaluation evaluation(TrainedState state) {
        return new Evaluation(settings(1, false), NETWORK, state, Wanted.ALWAYS);
    }

    /** Of what the codes from one on decode to. */
    private static double error(TrainedState state, Examples examples, int firstCode) {
        try (var evaluation = evaluation(state)) {
            float[] decoded = evaluation.decode(
                    Arrays.copyOfRange(state.codes(), firstCode * LATENT, (firstCode + examples.count()) * LATENT));
            float[] values = new float[SIZE];
            double sum = 0;
            for (int row = 0; row < examples.count(); row++) {
                examples.values(row, values, 0);
                for (int i = 0; i < SIZE; i++) {
                    sum += Math.pow(values[i] - decoded[row * SIZE + i], 2);
                }
            }
            return sum / examples.count() / SIZE;
        }
    }

    private static TrainedState withoutCodes(TrainedState state) {
        return new TrainedState(state.weights(), new float[LATENT], state.variance());
    }

    private static TrainedState withCodes(TrainedState state, TrainedState of) {
        return new TrainedState(state.weights(), of.codes(), state.variance());
    }

    /** Waves of random phases, each of one of some frequencies. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Waves(int count, int... frequencies) implements CompleteExamples {

        @Override
        public int[] shape() {
            return new int[] {SIZE};
        }

        @Override
        public void values(int row, float[] into, int offset) {
            double phase = 0.618034 * 2 * Math.PI * row;
            int frequency = frequencies[row % frequencies.length];
            for (int i = 0; i < SIZE; i++) {
                into[offset + i] = (float) Math.sin(2 * Math.PI * frequency * i / SIZE + phase);
            }
        }

        @Override
        public float low() {
            return -1;
        }

        @Override
        public float high() {
            return 1;
        }
    }
}
