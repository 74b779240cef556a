package io.github.latentdock.tensor;

import io.github.latentdock.problem.Problem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The head of a .npy file, a Python dict that tells how its values are stored and in which shape.
 *
 * @param descr NumPy's name for byte order and type, such as {@code <f4}
 * @param fortranOrder whether the first index runs fastest, instead of the last one
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">NumPy's format</a>
 */
record NpyHeader(String descr, boolean fortranOrder, List<Integer> shape) {

    private static final byte[] MAGIC = "\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1);

    /** NumPy itself reads no longer ones. */
    private static final int MAX_LENGTH = 10_000;

    private static final int MAX_DIMENSIONS = 8;

    /** The values start at a multiple of this, so that a file can be mapped into memory. */
    private static final int ALIGNMENT = 64;

    private static final Pattern KEY = Pattern.compile("'(descr|fortran_order|shape)' *:");
    private static final Pattern DESCR = entry("descr", "(?:'([^']*)'|\\[)");
    private static final Pattern ORDER = entry("fortran_order", "(True|False)");
    private static final Pattern SHAPE = entry("shape", "\\(([0-9, ]*)\\)");

    private static Pattern entry(String key, String value) {
        return Pattern.compile("[{,] ?'" + key + "': ?" + value);
    }

    /**
     * Reads the header and leaves the buffer at the first value.
     *
     * @param field what problems call the file
     */
    static NpyHeader read(String field, ByteBuffer file) {
        byte[] magic = new byte[MAGIC.length];
        if (file.remaining() < magic.length + Short.BYTES + Integer.BYTES) {
            throw malformed(field, "is no .npy file, it has only %d bytes".formatted(file.remaining()));
        }
        file.order(ByteOrder.LITTLE_ENDIAN).get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw malformed(field, "is no .npy file, it does not start with \\x93NUMPY");
        }
        int version = Short.toUnsignedInt(file.getShort());
        if (version < 1 || version > 3) {
            throw malformed(field, "is a .npy file of an unknown version, 1.0 to 3.0 are read");
        }
        int length = version == 1 ? Short.toUnsignedInt(file.getShort()) : file.getInt();
        if (length < 0 || length > Math.min(file.remaining(), MAX_LENGTH)) {
            throw malformed(field, "is a .npy file whose header has a wrong length or is cut off");
        }
        byte[] text = new byte[length];
        file.get(text);
        return parse(field, new String(text, StandardCharsets.UTF_8));
    }

    /** How many bytes go before the values, as the first 12 of them tell; not more than any header has. */
    static int bytes(byte[] start) {
        ByteBuffer file = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
        boolean first = file.get(MAGIC.length) == 1;
        int before = MAGIC.length + Short.BYTES + (first ? Short.BYTES : Integer.BYTES);
        int length = first ? Short.toUnsignedInt(file.getShort(8)) : file.getInt(8);
        return Math.max(start.length, before + Math.clamp(length, 0, MAX_LENGTH));
    }

    private static NpyHeader parse(String field, String text) {
        Matcher descr = DESCR.matcher(text);
        Matcher order = ORDER.matcher(text);
        Matcher shape = SHAPE.matcher(text);
        if (KEY.matcher(text).results().map(key -> key.group(1)).distinct().count()
                < KEY.matcher(text).results().count()) {
            throw malformed(field, "is a .npy file whose header tells descr, fortran_order or shape twice");
        }
        if (!descr.find() || !order.find() || !shape.find()) {
            throw malformed(field, "is a .npy file whose header lacks descr, fortran_order or shape");
        }
        if (descr.group(1) == null) {
            throw Problem.invalid(field, "%s is a .npy file of records, plain numbers are needed".formatted(field));
        }
        return new NpyHeader(descr.group(1), order.group(1).equals("True"), shape(field, shape.group(1)));
    }

    private static List<Integer> shape(String field, String text) {
        var shape = new ArrayList<Integer>();
        for (String dimension : text.split(",", -1)) {
            if (!dimension.isBlank()) {
                try {
                    shape.add(Integer.parseInt(dimension.strip()));
                } catch (NumberFormatException e) {
                    throw malformed(field, "is a .npy file of the impossible shape (%s)".formatted(text));
                }
            }
        }
        if (shape.size() > MAX_DIMENSIONS) {
            throw Problem.invalid(
                    field,
                    "%s is a .npy file of %d dimensions, at most %d are read"
                            .formatted(field, shape.size(), MAX_DIMENSIONS));
        }
        return shape;
    }

    /** The bytes that go before the values, for version 1 of the format. */
    byte[] write() {
        String dimensions = shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
        String text = "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }"
                .formatted(descr, fortranOrder ? "True" : "False", shape.size() == 1 ? dimensions + "," : dimensions);
        int before = MAGIC.length + 2 * Short.BYTES;
        int total = Math.ceilDiv(before + text.length() + 1, ALIGNMENT) * ALIGNMENT;
        String padded = text + " ".repeat(total - before - text.length() - 1) + "\n";
        return ByteBuffer.allocate(total)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putShort((short) 1)
                .putShort((short) padded.length())
                .put(padded.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    private static Problem malformed(String field, String what) {
        return Problem.malformed(field, field + " " + what);
    }
}
