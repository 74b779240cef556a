package io.github.latentdock.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

/** Bodies that something happened to give a problem or a tensor that can be used, and never anything else. */
class FuzzTest {

    private static final int MUTATIONS = 3000;

    private static final int[] ROW_SHAPE = {1, 8, 8};

    private static final Set<Fault> CLIENTS_FAULTS = Set.of(Fault.MALFORMED, Fault.INVALID, Fault.TOO_LARGE);

    private static byte[] body(WireFormat format) throws IOException {
        var body = new ByteArrayOutputStream();
        format.write(Tensors.filled(i -> i / 64.0, 1, 1, 8, 8), ValueRange.UNIT, body);
        return body.toByteArray();
    }

    @ParameterizedTest
    @EnumSource
    void mutatedBodiesOfEveryFormat(WireFormat format) throws IOException {
        byte[] body = body(format);
        for (int seed = 0; seed < MUTATIONS; seed++) {
            use(seed, format, mutated(body, seed));
        }
    }

    @Test
    void mutatedPngWhoseChecksumsAreRight() throws IOException {
        byte[] body = body(WireFormat.PNG);
        for (int seed = 0; seed < MUTATIONS; seed++) {
            byte[] mutated = mutated(body, seed);
            PngFile.repair(mutated);
            use(seed, WireFormat.PNG, mutated);
        }
    }

    @Test
    void mutatedPaletteWhoseChecksumsAreRight() {
        byte[] body = new PngFile(8, 8, 4, PngFile.PALETTE)
                .chunk("PLTE", new byte[9])
                .chunk("tRNS", new byte[2])
                .lines(new int[8][4]);
        for (int seed = 0; seed < MUTATIONS; seed++) {
            byte[] mutated = mutated(body, seed);
            PngFile.repair(mutated);
            use(seed, WireFormat.PNG, mutated);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"version-2", "fortran", "f2-big", "i8-little"})
    void mutatedFilesOfNumPy(String name) {
        byte[] body = NpyFileTest.golden(name);
        for (int seed = 0; seed < MUTATIONS; seed++) {
            use(seed, WireFormat.NPY, mutated(body, seed));
        }
    }

    @Test
    void mutatedJson() {
        byte[] body = JsonTensorTest.JSON.writeValueAsBytes(Tensors.filled(i -> i / 3.0, 2, 1, 2, 2));
        for (int seed = 0; seed < MUTATIONS; seed++) {
            try {
                JsonTensorTest.JSON
                        .readValue(mutated(body, seed), Payload.class)
                        .rows("instances", 1, 2, 2);
            } catch (Problem problem) {
                assertThat(problem.fault()).isIn(CLIENTS_FAULTS);
            } catch (JacksonException e) {
                // No JSON at all, which the JSON library tells.
            } catch (RuntimeException e) {
                fail("mutation of seed " + seed, e);
            }
        }
    }

    private static void use(int seed, WireFormat format, byte[] body) {
        Payload payload = format.payload(body);
        try {
            Tensor rows = payload.rows("instances", ROW_SHAPE, ValueRange.UNIT, true);
            assertThat(rows.rowShape()).isEqualTo(ROW_SHAPE);
            for (float value : rows.values()) {
                assertThat(Float.isFinite(value)).isTrue();
            }
            payload.observed("instances", ROW_SHAPE, true);
        } catch (Problem problem) {
            assertThat(problem.fault()).isIn(CLIENTS_FAULTS);
        } catch (RuntimeException e) {
            fail("mutation of seed " + seed, e);
        }
    }

    /** One to four bytes changed, or the end cut off, or a piece doubled. */
    private static byte[] mutated(byte[] body, int seed) {
        var random = new Random(seed);
        byte[] mutated = switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(body, random.nextInt(body.length));
            case 1 -> {
                int from = random.nextInt(body.length);
                byte[] doubled = Arrays.copyOf(body, 2 * body.length - from);
                System.arraycopy(body, from, doubled, body.length, body.length - from);
                yield doubled;
            }
            default -> body.clone();
        };
        for (int i = random.nextInt(4); i >= 0 && mutated.length > 0; i--) {
            mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
        }
        return mutated;
    }
}
