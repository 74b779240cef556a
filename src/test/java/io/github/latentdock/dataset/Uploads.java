package io.github.latentdock.dataset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files of every format, written byte by byte without what the tested code reads them with. */
final class Uploads {

    private Uploads() {}

    static byte[] npy(float[] values, int... shape) {
        return npy("<f4", floats(ByteOrder.LITTLE_ENDIAN, values), shape);
    }

    static byte[] npyBytes(byte[] values, int... shape) {
        return npy("|u1", values, shape);
    }

    static byte[] npy(String descr, byte[] values, int... shape) {
        return npy(descr, false, values, shape);
    }

    /** @param values in the usual order, which the file does not have */
    static byte[] npyFortran(float[] values, int... shape) {
        float[] ordered = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int rest = i;
            int place = 0;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                int stride = Arrays.stream(shape, 0, axis).reduce(1, Math::multiplyExact);
                place += rest % shape[axis] * stride;
                rest /= shape[axis];
            }
            ordered[place] = values[i];
        }
        return npy("<f4", true, floats(ByteOrder.LITTLE_ENDIAN, ordered), shape);
    }

    static byte[] npy(String descr, boolean fortran, byte[] values, int... shape) {
        String dimensions = Arrays.stream(shape).mapToObj(each -> each + ",").collect(Collectors.joining(" "));
        String header = "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }"
                .formatted(descr, fortran ? "True" : "False", dimensions);
        String padded = "%-117s\n".formatted(header);
        return ByteBuffer.allocate(128 + values.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("\u0093NUMPY\1\0".getBytes(StandardCharsets.ISO_8859_1))
                .putShort((short) 118)
                .put(padded.getBytes(StandardCharsets.ISO_8859_1))
                .put(values)
                .array();
    }

    static byte[] idx(byte[] values, int... shape) {
        return idx(8, values, shape);
    }

    static byte[] idx(int type, byte[] values, int... shape) {
        ByteBuffer file = ByteBuffer.allocate(4 + 4 * shape.length + values.length);
        file.put((byte) 0).put((byte) 0).put((byte) type).put((byte) shape.length);
        for (int dimension : shape) {
            file.putInt(dimension);
        }
        return file.put(values).array();
    }

    static byte[] floats(ByteOrder order, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(order);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    static byte[] ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return bytes.array();
    }

    static byte[] text(String lines) {
        return lines.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] gzip(byte[] content) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] zip(SequencedMap<String, byte[]> entries) {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (var entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A PNG of 8 bits, grey when it has one value for each pixel and RGB when it has three. */
    static byte[] png(int width, int height, int... samples) {
        boolean grey = samples.length == width * height;
        var file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a});
        chunk(
                file,
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) 8)
                        .put((byte) (grey ? 0 : 2))
                        .array());
        var lines = new ByteArrayOutputStream();
        int lineLength = samples.length / height;
        for (int i = 0; i < samples.length; i++) {
            if (i % lineLength == 0) {
                lines.write(0);
            }
            lines.write(samples[i]);
        }
        chunk(file, "IDAT", deflate(lines.toByteArray()));
        chunk(file, "IEND");
        return file.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream file, String name, byte... data) {
        byte[] named = ByteBuffer.allocate(4 + data.length)
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .put(data)
                .array();
        var checksum = new CRC32();
        checksum.update(named);
        file.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        file.writeBytes(named);
        file.writeBytes(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
    }

    private static byte[] deflate(byte[] data) {
        try (var deflater = new Deflater()) {
            deflater.setInput(data);
            deflater.finish();
            byte[] buffer = new byte[data.length + 100];
            return Arrays.copyOf(buffer, deflater.deflate(buffer));
        }
    }
}
