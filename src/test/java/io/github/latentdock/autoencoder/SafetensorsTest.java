package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.latentdock.autoencoder.Safetensors.Values;
import io.github.latentdock.testing.References;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

    @TempDir
    Path folder;

    @Test
    void readsWhatPyTorchWrote() {
        try (var weights = Safetensors.open(References.version("fashion-vae").resolve("weights.safetensors"))) {
            assertThat(weights.entries()).hasSize(29).containsKey("encoder.1.running_var");
            assertThat(weights.shapes().get("decoder.3.weight")).containsExactly(32, 16, 4, 4);
            assertThat(weights.floats("encoder.1.running_var")).hasSize(16).doesNotContain(Float.NaN);
            weights.requireFinite();
        }
    }

    @Test
    void readsBackWhatItWrote() {
        var tensors = new LinkedHashMap<String, Values>();
        tensors.put("b", new Values(new int[] {2, 3}, new float[] {1, 2, 3, 4, 5, Float.MIN_VALUE}));
        tensors.put("a", new Values(new int[] {}, new float[] {-0f}));
        tensors.put("large", new Values(new int[] {70_000}, new float[70_000]));
        tensors.put("none", new Values(new int[] {0, 4}, new float[0]));
        Path file = folder.resolve("w.safetensors");
        Safetensors.write(file, tensors);
        try (var read = Safetensors.open(file)) {
            assertThat(read.entries().keySet()).containsExactlyElementsOf(tensors.keySet());
            tensors.forEach((key, values) -> {
                assertThat(read.shapes().get(key)).isEqualTo(values.shape());
                assertThat(read.floats(key)).isEqualTo(values.values());
            });
            assertThat(read.metadata()).containsEntry("format", "pt");
        }
    }

    @Test
    void beginsItsDataAtAMultipleOfEight() throws IOException {
        for (int length = 1; length <= 8; length++) {
            var tensors = new LinkedHashMap<String, Values>();
            tensors.put("k".repeat(length), new Values(new int[] {1}, new float[] {1}));
            Path file = folder.resolve("w.safetensors");
            Safetensors.write(file, tensors);
            long header = ByteBuffer.wrap(Files.readAllBytes(file))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            assertThat(header % 8).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "F16,  003c00c0,         1, -2",
        "BF16, 803f00c0,         1, -2",
        "F64,  000000000000f03f00000000000000c0, 1, -2",
        "BOOL, 0100,             1, 0",
        "U8,   01ff,             1, 255",
        "I8,   01ff,             1, -1",
        "U16,  0100ffff,         1, 65535",
        "I16,  0100ffff,         1, -1",
        "U32,  01000000ffffffff, 1, 4294967296",
        "I32,  01000000ffffffff, 1, -1",
        "I64,  0100000000000000ffffffffffffffff, 1, -1",
        "U64,  0100000000000000ffffffffffffffff, 1, 18446744073709551616"
    })
    void turnsEveryElementTypeIntoFloats(Dtype dtype, String hex, float first, float second) throws IOException {
        byte[] data = HexFormat.of().parseHex(hex);
        Path file = file(
                "{\"k\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,%d]}}".formatted(dtype, data.length), data);
        try (var read = Safetensors.open(file)) {
            assertThat(read.floats("k")).containsExactly(first, second);
            assertThat(read.bytes("k").remaining()).isEqualTo(data.length);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]                                                                 | begin with '{'",
                "{\"k\":1}                                                          | k: must be an object",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[2]}}                          | k: needs dtype, shape and data_offsets",
                "{\"k\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}   | k: has dtype 'F31'; known are [BOOL,",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}   | k: data_offsets span 8 bytes, but F32 of shape [3] takes 12",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}  | k: shape has a value that is not an integer from 0",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}} | k: shape has a value that is not an integer from 0",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647],\"data_offsets\":[0,8]}} | k: shape holds more values than can be counted",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}   | k: data_offsets must be [begin, end]",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}     | k: data_offsets must be [begin, end]",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}  | k: data_offsets end at 12, but the file has 8 bytes",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}   | k: data_offsets begin at 4, but the tensor before ends at 0: a gap",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}   | has 8 bytes of data, but its tensors cover only 4",
                "{\"j\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"k\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | k: data_offsets begin at 4, but the tensor before ends at 8: they overlap",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}} | k: has an unknown field 'x'",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"k\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | Duplicate",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}{} | goes on after its JSON object",
                "{\"k\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}    | not valid JSON",
                "{\"__metadata__\":{\"a\":1}}                                       | __metadata__.a: must be a string"
            })
    void refusesAHeaderThatLies(String header, String message) throws IOException {
        Path file = file(header, new byte[8]);
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesAHeaderLengthBeyondTheFile() throws IOException {
        Path file = file("{}", new byte[0]);
        overwriteLength(file, 50);
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("it is truncated");
    }

    @ParameterizedTest
    @CsvSource({"100000001", "-1", "9223372036854775807"})
    void refusesAnAbsurdHeaderLength(long length) throws IOException {
        Path file = file("{}", new byte[0]);
        overwriteLength(file, length);
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("at most 100000000 are allowed");
    }

    @Test
    void refusesAFileWithoutAHeader() throws IOException {
        Path file = Files.write(folder.resolve("short.safetensors"), new byte[7]);
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(InvalidModelException.class)
                .hasMessage("short.safetensors: has 7 bytes, too few for a safetensors file: it is truncated");
    }

    @ParameterizedTest
    @CsvSource({
        "F32, 0000803f0000c07f",
        "F32, 0000803f000080ff",
        "F16, 003c007e",
        "F16, 003c00fc",
        "BF16, 803fc07f",
        "BF16, 803f80ff",
        "F64, 000000000000f03f000000000000f87f",
        "F64, 000000000000f03f000000000000f0ff"
    })
    void namesATensorThatIsNotFinite(Dtype dtype, String hex) throws IOException {
        byte[] data = HexFormat.of().parseHex(hex);
        Path file = file(
                "{\"w\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,%d]}}".formatted(dtype, data.length), data);
        try (var read = Safetensors.open(file)) {
            assertThatThrownBy(read::requireFinite)
                    .isInstanceOf(InvalidModelException.class)
                    .hasMessage("w: has a NaN or an infinity");
        }
    }

    @Test
    void readsATensorThatLiesBeyondTwoGibibytes() throws IOException {
        long begin = 3L << 30;
        String header = "{\"hole\":{\"dtype\":\"U8\",\"shape\":[3,1073741824],\"data_offsets\":[0,%d]},"
                        .formatted(begin)
                + "\"end\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}".formatted(begin, begin + 4);
        Path file = file(header, new byte[0]);
        try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.seek(Long.BYTES + header.length() + begin);
            sparse.write(new byte[] {0, 0, (byte) 0x80, 0x3f});
        }
        try (var read = Safetensors.open(file)) {
            assertThat(read.floats("end")).containsExactly(1);
            assertThatThrownBy(() -> read.floats("hole")).hasMessageContaining("more than fit an array");
        }
    }

    private Path file(String header, byte[] data) throws IOException {
        byte[] json = header.strip().getBytes(StandardCharsets.UTF_8);
        byte[] bytes = ByteBuffer.allocate(Long.BYTES + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(data)
                .array();
        return Files.write(folder.resolve("file.safetensors"), bytes);
    }

    private static void overwriteLength(Path file, long length) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        Files.write(file, bytes);
    }
}
