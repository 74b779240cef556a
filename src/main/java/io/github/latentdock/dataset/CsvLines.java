package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a CSV file, one after the other. Fields are separated by what the first line has most of: commas, semicolons or
 * tabs. Lines end with LF, CRLF or CR; a quoted field ends in its own line. Empty lines are none, a line of separators is one.
 */
final class CsvLines implements Closeable {

    private static final String SEPARATORS = ",;\t";
    private static final String BYTE_ORDER_MARK = "\ufeff";

    /** The longest number that anybody writes, with its comma. */
    private static final int FIELD_BYTES = 40;

    /** A first line that Excel writes and reads, to tell what separates. */
    private static final Pattern TOLD = Pattern.compile("(?i)\\s*\"?sep=[,;\\t]\"?\\s*");

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

    /** What separates fields, once there was a line. */
    char separator() {
        return separator;
    }

    /** The fields of the next line, without the blanks around them; null at the end. */
    @Nullable
    List<String> next() throws IOException {
        String line = line();
        while (line != null && isEmpty(line)) {
            line = line();
        }
        if (line == null) {
            return null;
        }
        if (separator == 0) {
            separator = separator(line);
            if (TOLD.matcher(line).matches()) {
                return next();
            }
        }
        return fields(line);
    }

    /** Of what separates, only tabs are blank: between them fields are empty, and the line is not. */
    private boolean isEmpty(String line) {
        return line.isBlank() && line.indexOf(separator == 0 ? '\t' : separator) < 0;
    }

    private @Nullable String line() throws IOException {
        bytes.reset();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        number++;
        while (next >= 0 && next != '\n' && next != '\r') {
            if (bytes.size() == maxBytes) {
                throw Problem.of(
                        Fault.TOO_LARGE,
                        field,
                        "line %d of %s has more than the %d bytes allowed".formatted(number, field, maxBytes));
            }
            bytes.write(next);
            next = in.read();
        }
        if (next == '\r') {
            in.mark(1);
            if (in.read() != '\n') {
                in.reset();
            }
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

    /** Of what is not quoted. Commas between digits separate only where nothing else does: they may be decimal ones. */
    private static char separator(String line) {
        int[] counts = new int[SEPARATORS.length()];
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            quoted ^= c == '"';
            int separator = SEPARATORS.indexOf(c);
            if (separator >= 0 && !quoted && !(c == ',' && isDigit(line, i - 1) && isDigit(line, i + 1))) {
                counts[separator]++;
            }
        }
        int most = 0;
        for (int i = 1; i < counts.length; i++) {
            most = counts[i] > counts[most] ? i : most;
        }
        return SEPARATORS.charAt(most);
    }

    private static boolean isDigit(String line, int at) {
        return at >= 0 && at < line.length() && line.charAt(at) >= '0' && line.charAt(at) <= '9';
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
                String between = rest.substring(0, end < 0 ? rest.length() : end);
                if (!between.isBlank()) {
                    throw quotes(
                            fields.size(),
                            "'%s' after its closing quote: a quote in a text is written twice"
                                    .formatted(Words.shortened(between.strip())));
                }
                return end < 0 ? line.length() + 1 : at + 1 + end + 1;
            }
        }
        throw quotes(fields.size() + 1, "a quote that does not end in its line: a field has no line breaks");
    }

    private Problem quotes(int column, String what) {
        return Problem.malformed(field, "line %d of %s has in column %d %s".formatted(number, field, column, what));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
