package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Safetensors.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a training is, and all that it has learned: what a checkpoint holds.
 *
 * @param position how far it is
 * @param tensors weights, moments and codes, by key
 */
record TrainerState(Position position, SequencedMap<String, Values> tensors) {

    static final String WEIGHTS = "weights.";
    static final String MOMENTS = "moments.";
    static final String CODES = "codes.";
    static final String CODE_MOMENTS = "code_moments.";
    /** Before the keys of the weights and codes of the best epoch. */
    static final String BEST = "best.";

    private static final String POSITION = "position.json";
    private static final String TENSORS = "state.safetensors";

    /**
     * @param epoch epochs that have ended
     * @param step steps of this epoch that were made
     * @param steps steps in all
     * @param examples that the sums are of
     * @param loss sum over the epoch's examples so far
     * @param reconLoss the same
     * @param regLoss the same
     * @param best the lowest loss on held-out examples
     * @param worse epochs since then
     */
    record Position(
            int epoch,
            int step,
            long steps,
            long examples,
            double loss,
            double reconLoss,
            double regLoss,
            double best,
            int worse) {

        static final Position START = new Position(0, 0, 0, 0, 0, 0, 0, Double.MAX_VALUE, 0);

        /** After a step on some examples. */
        Position after(int count, Losses losses) {
            return new Position(
                    epoch,
                    step + 1,
                    steps + 1,
                    examples + count,
                    loss + count * losses.loss(),
                    reconLoss + count * losses.reconLoss(),
                    regLoss + count * losses.regLoss(),
                    best,
                    worse);
        }

        /** The epoch's so far. */
        Losses mean() {
            return new Losses(loss / examples, reconLoss / examples, regLoss / examples);
        }

        Position judged(boolean better, double validationLoss) {
            return new Position(
                    epoch,
                    step,
                    steps,
                    examples,
                    loss,
                    reconLoss,
                    regLoss,
                    better ? validationLoss : best,
                    better ? 0 : worse + 1);
        }

        Position nextEpoch() {
            return new Position(epoch + 1, 0, steps, 0, 0, 0, 0, best, worse);
        }
    }

    /** @param folder empty */
    void write(Path folder) {
        Safetensors.write(folder.resolve(TENSORS), tensors);
        byte[] json = JsonMapper.shared().writeValueAsBytes(position);
        try (FileChannel channel =
                FileChannel.open(folder.resolve(POSITION), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(json).order(ByteOrder.nativeOrder());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static TrainerState read(Path folder) {
        try (Safetensors file = Safetensors.open(folder.resolve(TENSORS))) {
            var tensors = new LinkedHashMap<String, Values>();
            for (Map.Entry<String, int[]> entry : file.shapes().entrySet()) {
                tensors.put(entry.getKey(), new Values(entry.getValue(), file.floats(entry.getKey())));
            }
            return new TrainerState(
                    JsonMapper.shared().readValue(Files.readAllBytes(folder.resolve(POSITION)), Position.class),
                    tensors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tensors whose keys begin with a prefix, without it. */
    SequencedMap<String, Values> within(String prefix) {
        var found = new LinkedHashMap<String, Values>();
        tensors.forEach((key, values) -> {
            if (key.startsWith(prefix)) {
                found.put(key.substring(prefix.length()), values);
            }
        });
        return found;
    }
}
