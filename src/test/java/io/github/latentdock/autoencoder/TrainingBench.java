package io.github.latentdock.autoencoder;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Java side of bench/train.py, which starts it: each line of its input asks for so many steps of a training, each line of its
 * output tells the seconds they took and their mean loss. Not a test.
 */
final class TrainingBench {

    private TrainingBench() {}

    /** @param args objective and network as JSON, file of raw uint8 images [n, 1, 28, 28] */
    public static void main(String[] args) throws IOException {
        Objective objective = JsonMapper.shared().readValue(args[0], Objective.class);
        NetworkPlan plan = JsonMapper.shared().readValue(args[1], NetworkPlan.class);
        Network network = plan.declare(objective, new int[] {1, 28, 28}, true).network();
        Examples images = new Images(Files.readAllBytes(Path.of(args[2])));
        var settings = new TrainingSettings(objective, Optimizer.DEFAULT, 100_000, 128, 7, null, false);
        try (Trainer trainer = Trainer.start(settings, network, images, null, null, Wanted.ALWAYS);
                var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                System.out.println(answer(trainer, Integer.parseInt(line.strip())));
            }
        }
    }

    private static String answer(Trainer trainer, int steps) {
        double loss = 0;
        long start = System.nanoTime();
        for (int i = 0; i < steps; i++) {
            if (trainer.atEndOfEpoch()) {
                trainer.endEpoch();
            }
            loss += trainer.advance().loss() / steps;
        }
        return String.format(Locale.ROOT, "%.6f %.4f", (System.nanoTime() - start) / 1e9, loss);
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Images(byte[] pixels) implements CompleteExamples {

        private static final int SIZE = 28 * 28;

        @Override
        public int count() {
            return pixels.length / SIZE;
        }

        @Override
        public int[] shape() {
            return new int[] {1, 28, 28};
        }

        @Override
        public float low() {
            return 0;
        }

        @Override
        public float high() {
            return 1;
        }

        @Override
        public void values(int row, float[] into, int offset) {
            for (int i = 0; i < SIZE; i++) {
                into[offset + i] = Byte.toUnsignedInt(pixels[row * SIZE + i]) / 255f;
            }
        }
    }
}
