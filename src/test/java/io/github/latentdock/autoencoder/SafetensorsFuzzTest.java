package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.latentdock.autoencoder.Safetensors.Values;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a file says, it is read in full or refused as an invalid model, and is not mapped any more afterwards. */
class SafetensorsFuzzTest {

    private static final Path MAPPINGS = Path.of("/proc/self/maps");

    private static Path file = Path.of("");
    private static byte[] valid = {};

    /** A change of some bytes: at a place, some are removed and others are put in. */
    record Mutation(double place, int removed, byte[] inserted) {

        byte[] apply(byte[] bytes) {
            int at = (int) (place * bytes.length);
            int rest = Math.min(bytes.length, at + removed);
            byte[] mutated = Arrays.copyOf(bytes, at + inserted.length + bytes.length - rest);
            System.arraycopy(inserted, 0, mutated, at, inserted.length);
            System.arraycopy(bytes, rest, mutated, at + inserted.length, bytes.length - rest);
            return mutated;
        }
    }

    @BeforeContainer
    static void writeAValidFile() throws IOException {
        file = Files.createTempFile("fuzzed", ".safetensors");
        Safetensors.write(
                file,
                new LinkedHashMap<>(Map.of(
                        "decoder.0.weight", new Values(new int[] {2, 3}, new float[6]),
                        "decoder.0.bias", new Values(new int[] {2}, new float[2]))));
        valid = Files.readAllBytes(file);
    }

    @AfterContainer
    static void deleteIt() throws IOException {
        Files.deleteIfExists(file);
    }

    @Property(tries = 5000)
    void readsOrRefusesAMutatedFile(@ForAll("mutations") List<Mutation> mutations) throws IOException {
        byte[] mutated = valid;
        for (Mutation mutation : mutations) {
            mutated = mutation.apply(mutated);
        }
        Files.write(file, mutated);
        readOrRefuse();
        assertThat(mapped()).isFalse();
    }

    /** So that the property above can fail. */
    @Example
    void isMappedWhileItIsOpen() throws IOException {
        Files.write(file, valid);
        try (var read = Safetensors.open(file)) {
            assertThat(read.entries()).isNotEmpty();
            assertThat(mapped()).isEqualTo(Files.exists(MAPPINGS));
        }
    }

    @Property(tries = 2000)
    void refusesEveryFileThatWasCutShort(@ForAll("shorter") int length) throws IOException {
        Files.write(file, Arrays.copyOf(valid, length));
        assertThatThrownBy(() -> Safetensors.open(file)).isInstanceOf(InvalidModelException.class);
    }

    @Property(tries = 300)
    void readsBackWhateverItWrote(@ForAll("tensors") SequencedMap<String, Values> tensors) {
        Safetensors.write(file, tensors);
        try (var read = Safetensors.open(file)) {
            assertThat(read.entries().keySet()).containsExactlyElementsOf(tensors.keySet());
            tensors.forEach((key, values) -> {
                assertThat(read.shapes().get(key)).isEqualTo(values.shape());
                assertThat(read.floats(key)).isEqualTo(values.values());
            });
        }
    }

    private static void readOrRefuse() {
        try (var read = Safetensors.open(file)) {
            read.entries()
                    .forEach((key, entry) -> assertThat((long) read.floats(key).length
                                    * entry.dtype().bytes())
                            .isEqualTo(entry.end() - entry.begin()));
            read.requireFinite();
        } catch (InvalidModelException refused) {
            assertThat(refused.faults()).isNotEmpty();
        }
    }

    /** Whether the file is mapped into this process; where the system does not tell, it is taken for not mapped. */
    private static boolean mapped() throws IOException {
        String name = file.getFileName().toString();
        return Files.exists(MAPPINGS) && Files.readAllLines(MAPPINGS).stream().anyMatch(line -> line.contains(name));
    }

    @Provide
    Arbitrary<List<Mutation>> mutations() {
        Arbitrary<Double> place = Arbitraries.doubles().between(0, 1);
        Arbitrary<Integer> removed = Arbitraries.integers().between(0, 8);
        Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(8);
        // Pieces that keep a header readable, so that more than the JSON parser is tried.
        Arbitrary<byte[]> telling = Arbitraries.of(
                        "0",
                        "9",
                        "-1",
                        "1e3",
                        "99999999999999999999",
                        "9223372036854775807",
                        "F16",
                        "BOOL",
                        "[]",
                        "[4]",
                        "{}",
                        "null",
                        "\"",
                        ",",
                        "\"x\":1,",
                        " ",
                        "\"shape\":[",
                        "__metadata__")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
        return Combinators.combine(place, removed, Arbitraries.oneOf(any, telling))
                .as(Mutation::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<Integer> shorter() {
        return Arbitraries.integers().between(0, valid.length - 1);
    }

    @Provide
    Arbitrary<SequencedMap<String, Values>> tensors() {
        Arbitrary<Values> values = Arbitraries.integers()
                .between(0, 4)
                .array(int[].class)
                .ofMaxSize(3)
                .flatMap(shape -> Arbitraries.floats()
                        .array(float[].class)
                        .ofSize(Arrays.stream(shape).reduce(1, (a, b) -> a * b))
                        .map(floats -> new Values(shape, floats)));
        return Arbitraries.maps(
                        Arbitraries.strings().ofMaxLength(20).filter(key -> !key.equals("__metadata__")), values)
                .ofMaxSize(5)
                .map(LinkedHashMap::new);
    }
}
