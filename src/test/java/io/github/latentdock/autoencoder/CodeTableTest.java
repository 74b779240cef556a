package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.autoencoder.Safetensors.Values;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Codes against one torch.optim.Adam for each. */
class CodeTableTest {

    private static final GoldenOptimizers GOLDEN = GoldenOptimizers.read();
    private static final int STEPS = 7;
    private static final int ROWS = 5;
    private static final int WIDTH = 3;
    private static final double RATE = 0.05;

    /** The first code is in every batch, the second in none, the others in some. */
    @ParameterizedTest
    @CsvSource({"false, codes/end", "true, codes/end_in_ball"})
    void everyCodeGoesWhereAnAdamOfItsOwnGoes(boolean ball, String end) {
        float[] expected = GOLDEN.array(end).values();
        CodeTable table = start(ball);
        train(table, 0, STEPS);

        for (int part = 0; part < 2; part++) {
            OptimizerScriptTest.assertClose(
                    part(table, part), Arrays.copyOfRange(expected, part * ROWS * WIDTH, (part + 1) * ROWS * WIDTH));
        }
    }

    @Test
    void aCodeThatNoBatchHasStaysWhereItIs() {
        CodeTable table = start(false);
        float[] before = Arrays.copyOfRange(part(table, 0), WIDTH, 2 * WIDTH);
        train(table, 0, STEPS);

        assertThat(Arrays.copyOfRange(part(table, 0), WIDTH, 2 * WIDTH)).isEqualTo(before);
    }

    @Test
    void noCodeLeavesTheBall() {
        CodeTable table = start(true);
        for (int step = 0; step < STEPS; step++) {
            train(table, step, step + 1);
            for (int row = 0; row < ROWS; row++) {
                assertThat(length(part(table, 0), row)).isLessThan(1 + 1e-6);
            }
        }
    }

    @Test
    void codesThatStartOutsideTheBallAreShortenedAtOnce() {
        var table = new CodeTable(2, true, new float[] {3, 4, 0.3f, 0.4f});

        assertThat(table.codes()).usingComparatorWithPrecision(1e-6f).containsExactly(0.6f, 0.8f, 0.3f, 0.4f);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 32, 200})
    void codesThatWereShortenedAreNotShortenedAgain(int width) {
        var table = new CodeTable(width, true, TestExamples.normal(width * 20_000, width));
        var again = new CodeTable(width, true, table.codes().clone());

        assertThat(again.codes()).isEqualTo(table.codes());
    }

    @Test
    void aTableThatWasSavedGoesOnToTheBit() {
        var objective = new Objective.Vad(Likelihood.GAUSSIAN, 1, false, 1, Objective.Codes.RANDOM, RATE);
        CodeTable straight = start(false);
        train(straight, 0, STEPS);

        CodeTable table = start(false);
        train(table, 0, 3);
        Map<String, Values> codes = new LinkedHashMap<>();
        Map<String, Values> moments = new LinkedHashMap<>();
        table.save(codes);
        table.saveMoments(moments);
        CodeTable resumed = CodeTable.restore(
                unprefixed(codes, TrainerState.CODES), unprefixed(moments, TrainerState.CODE_MOMENTS), objective);
        assertThat(resumed).isNotNull();
        train(resumed, 3, STEPS);

        assertThat(part(resumed, 0)).isEqualTo(part(straight, 0));
        assertThat(part(resumed, 1)).isEqualTo(part(straight, 1));
    }

    private static CodeTable start(boolean ball) {
        float[] start = GOLDEN.array("codes/start").values();
        int size = ROWS * WIDTH;
        return new CodeTable(
                WIDTH, ball, Arrays.copyOfRange(start, 0, size), Arrays.copyOfRange(start, size, 2 * size));
    }

    private static void train(CodeTable table, int from, int to) {
        float[] gradients = GOLDEN.array("codes/gradients").values();
        float[] visits = GOLDEN.array("codes/visits").values();
        for (int step = from; step < to; step++) {
            int at = step;
            int[] rows = IntStream.range(0, ROWS)
                    .filter(row -> visits[at * ROWS + row] == 1)
                    .toArray();
            float[][] own = new float[2][rows.length * WIDTH];
            for (int part = 0; part < 2; part++) {
                for (int i = 0; i < rows.length; i++) {
                    System.arraycopy(
                            gradients, ((part * STEPS + step) * ROWS + rows[i]) * WIDTH, own[part], i * WIDTH, WIDTH);
                }
            }
            table.step(rows, rows.length, RATE, own);
        }
    }

    private static float[] part(CodeTable table, int part) {
        float[] values = new float[ROWS * WIDTH];
        table.read(part, IntStream.range(0, ROWS).toArray(), ROWS, values);
        return values;
    }

    private static double length(float[] codes, int row) {
        double sum = 0;
        for (int j = row * WIDTH; j < (row + 1) * WIDTH; j++) {
            sum += (double) codes[j] * codes[j];
        }
        return Math.sqrt(sum);
    }

    private static Map<String, Values> unprefixed(Map<String, Values> tensors, String prefix) {
        var without = new LinkedHashMap<String, Values>();
        tensors.forEach((key, values) -> without.put(key.substring(prefix.length()), values));
        return without;
    }
}
