package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Safetensors.Values;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SequencedMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes float32 tensors as safetensors. The header is padded with spaces, so that the data begins at a multiple of 8. */
final class SafetensorsWriter {

    private static final int ALIGNMENT = 8;
    private static final int CHUNK = 1 << 16;
    private static final JsonFactory JSON = JsonFactory.builder().build();

    private SafetensorsWriter() {}

    static void write(Path path, SequencedMap<String, Values> tensors) {
        byte[] header = header(tensors).getBytes(StandardCharsets.UTF_8);
        int padding = -header.length & (ALIGNMENT - 1);
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.max(CHUNK, Long.BYTES + header.length + padding))
                .order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            buffer.putLong(header.length + padding)
                    .put(header)
                    .put(" ".repeat(padding).getBytes(StandardCharsets.UTF_8));
            drain(buffer, channel);
            for (Values tensor : tensors.values()) {
                write(tensor.values(), buffer, channel);
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(float[] values, ByteBuffer buffer, FileChannel channel) throws IOException {
        int chunk = buffer.capacity() / Float.BYTES;
        for (int at = 0; at < values.length; at += chunk) {
            int count = Math.min(chunk, values.length - at);
            buffer.asFloatBuffer().put(values, at, count);
            buffer.position(count * Float.BYTES);
            drain(buffer, channel);
        }
    }

    private static void drain(ByteBuffer buffer, FileChannel channel) throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    private static String header(SequencedMap<String, Values> tensors) {
        var out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            // Some readers of PyTorch's world refuse a file that does not say this.
            json.writeObjectPropertyStart("__metadata__");
            json.writeStringProperty("format", "pt");
            json.writeEndObject();
            long begin = 0;
            for (var named : tensors.entrySet()) {
                long end = begin + (long) named.getValue().values().length * Float.BYTES;
                json.writeObjectPropertyStart(named.getKey());
                json.writeStringProperty("dtype", Dtype.F32.name());
                array(
                        json,
                        "shape",
                        Arrays.stream(named.getValue().shape()).asLongStream().toArray());
                array(json, "data_offsets", begin, end);
                json.writeEndObject();
                begin = end;
            }
            json.writeEndObject();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static void array(JsonGenerator json, String name, long... values) {
        json.writeName(name);
        json.writeArray(values, 0, values.length);
    }
}
