package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a CSV file, one after the other. Fields are separated by what the first line has most of: commas, semicolons or
 * tabs. A quoted field ends in its own line. Empty lines are none.
 */
final class CsvLines implements Closeable {

    private static final String SEPARATORS = ",;\t";
    private static final String BYTE_ORDER_MARK = "\ufeff";

    /** The longest number that anybody writes, with its comma. */
    private static final int FIELD_BYTES = 40;

    private final String field;
    private final BufferedInputStream in;
    private final int maxFields;
    private final int maxBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private char separator;
    private int number;

    /** @param maxFields the most that a line may have */
    CsvLines(String field, BufferedInputStream in, int maxFields) {
        this.field = field;
        this.in = in;
        this.maxFields = maxFields;
        this.maxBytes = FIELD_BYTES * maxFields;
    }

    /** The number of the line that was read last, the first being 1. */
    int number() {
        return number;
    }

    /** The fields of the next line, without the blanks around them; null at the end. */
    @Nullable
    List<String> next() throws IOException {
        String line = line();
        while (line != null && line.isBlank()) {
            line = line();
        }
        if (line == null) {
            return null;
        }
        if (separator == 0) {
            separator = separator(line);
        }
        return fields(line);
    }

    private @Nullable String line() throws IOException {
        bytes.reset();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        number++;
        while (next >= 0 && next != '\n') {
            if (bytes.size() == maxBytes) {
                throw Problem.of(
                        Fault.TOO_LARGE,
                        field,
                        "line %d of %s has more than the %d bytes allowed".formatted(number, field, maxBytes));
            }
            bytes.write(next);
            next = in.read();
        }
        String line = text();
        return number == 1 && line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line;
    }

    /** Two names that cannot be read are not one and the same. */
    private String text() {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Problem.malformed(
                    field, "line %d of %s is not UTF-8: save the file in that encoding".formatted(number, field));
        }
    }

    private static char separator(String line) {
        char most = SEPARATORS.charAt(0);
        for (char each : SEPARATORS.toCharArray()) {
            if (count(line, each) > count(line, most)) {
                most = each;
            }
        }
        return most;
    }

    private static long count(String line, char wanted) {
        return line.chars().filter(c -> c == wanted).count();
    }

    private List<String> fields(String line) {
        var fields = new ArrayList<String>();
        int start = 0;
        while (true) {
            int quote = start;
            while (quote < line.length() && line.charAt(quote) == ' ') {
                quote++;
            }
            if (quote < line.length() && line.charAt(quote) == '"') {
                start = quoted(line, quote + 1, fields);
            } else {
                int end = line.indexOf(separator, start);
                fields.add(line.substring(start, end < 0 ? line.length() : end).strip());
                start = end < 0 ? line.length() + 1 : end + 1;
            }
            if (start > line.length()) {
                return fields;
            }
            if (fields.size() == maxFields) {
                throw Problem.of(
                        Fault.TOO_LARGE,
                        field,
                        "line %d of %s has more than the %d columns allowed".formatted(number, field, maxFields));
            }
        }
    }

    /** @return where the next field starts; beyond the line's end when there is none */
    private int quoted(String line, int from, List<String> fields) {
        var text = new StringBuilder();
        for (int at = from; at < line.length(); at++) {
            char c = line.charAt(at);
            if (c != '"') {
                text.append(c);
            } else if (at + 1 < line.length() && line.charAt(at + 1) == '"') {
                text.append('"');
                at++;
            } else {
                fields.add(text.toString());
                String rest = line.substring(at + 1);
                int end = rest.indexOf(separator);
                if (!rest.substring(0, end < 0 ? rest.length() : end).isBlank()) {
                    break;
                }
                return end < 0 ? line.length() + 1 : at + 1 + end + 1;
            }
        }
        throw Problem.malformed(field, "line %d of %s has a quote that does not end".formatted(number, field));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
