package io.github.latentdock.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Reads NumPy's .npz files of the class path, so that tests can compare with PyTorch's numbers. */
public record Npz(Map<String, Array> arrays) {

    private static final Pattern HEADER =
            Pattern.compile("'descr': '([^']+)', 'fortran_order': False, 'shape': \\(([^)]*)\\)");

    public record Array(int[] shape, float[] values) {

        /** Row {@code i} of the first dimension. */
        public float[] row(int i) {
            int size = values.length / shape[0];
            return java.util.Arrays.copyOfRange(values, i * size, (i + 1) * size);
        }
    }

    /** @param resource such as {@code /reference/fashion-ae/expected.npz} */
    public static Npz read(String resource) {
        var arrays = new LinkedHashMap<String, Array>();
        try (InputStream in = Npz.class.getResourceAsStream(resource);
                var zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                arrays.put(entry.getName().replace(".npy", ""), array(zip.readAllBytes()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Npz(arrays);
    }

    public Array get(String name) {
        Array array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException("no array '%s' among %s".formatted(name, arrays.keySet()));
        }
        return array;
    }

    public boolean has(String name) {
        return arrays.containsKey(name);
    }

    /** @param npy a file of NumPy's */
    public static Array array(byte[] npy) {
        ByteBuffer buffer = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
        int headerLength = buffer.getShort(8) & 0xffff;
        Matcher header = HEADER.matcher(new String(npy, 10, headerLength, StandardCharsets.US_ASCII));
        if (!header.find()) {
            throw new IllegalArgumentException("not a C-ordered .npy array");
        }
        List<Integer> dimensions = new ArrayList<>();
        for (String dimension : header.group(2).split(",")) {
            if (!dimension.isBlank()) {
                dimensions.add(Integer.parseInt(dimension.strip()));
            }
        }
        int[] shape = dimensions.stream().mapToInt(Integer::intValue).toArray();
        int size = 1;
        for (int dimension : shape) {
            size *= dimension;
        }
        buffer.position(10 + headerLength);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = switch (header.group(1)) {
                case "<f4" -> buffer.getFloat();
                case "<f8" -> (float) buffer.getDouble();
                case "<i8" -> buffer.getLong();
                case "<i4" -> buffer.getInt();
                case "|u1", "|b1" -> buffer.get() & 0xff;
                default -> throw new IllegalArgumentException("dtype " + header.group(1));
            };
        }
        return new Array(shape, values);
    }
}
