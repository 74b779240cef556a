package io.github.latentdock.dataset;

import io.github.latentdock.dataset.Dataset.Codes;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import io.github.latentdock.storage.Draft;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes labels or groups as int32. Whole numbers are kept; names are numbered in their order, which is known only when all were
 * seen, so they are written twice.
 */
final class CodeWriter implements Closeable {

    private static final int MAX_NAMES = 10_000;
    private static final int MAX_NAME_LENGTH = 200;

    /** Beyond it nobody counts how many different ones there are. */
    private static final int MAX_COUNTED = 1 << 20;

    private final String field;
    private final Draft draft;
    private final String file;
    private final OutputStream out;
    private final Map<String, Integer> names = new HashMap<>();
    private final BitSet numbers = new BitSet();
    private @Nullable Boolean areNames;
    private boolean counted = true;
    private int min = Integer.MAX_VALUE;
    private int max = Integer.MIN_VALUE;
    private int row;

    /** @param areNames whether what looks like a number is a name; null to let the first one tell */
    CodeWriter(String field, Draft draft, String file, @Nullable Boolean areNames) throws IOException {
        this.field = field;
        this.draft = draft;
        this.file = file;
        this.areNames = areNames;
        this.out = draft.open(file);
    }

    /** The number that a text is, when it is a whole one. */
    static @Nullable Integer number(String text) {
        try {
            return text.startsWith("+") ? null : Integer.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    void add(double number) throws IOException {
        if (number != (int) number) {
            throw invalid("is %s, a whole number within int32 is needed".formatted(number));
        }
        put((int) number);
    }

    /** @param line that it stands in; 0 where there are no lines */
    void add(String text, int line) throws IOException {
        if (text.isEmpty()) {
            throw invalid("is empty%s, a name or a whole number is needed".formatted(where(line)));
        }
        Integer number = number(text);
        if (areNames == null) {
            areNames = number == null;
        }
        if (areNames) {
            put(name(text));
        } else if (number == null) {
            throw invalid("is '%s'%s, a whole number is needed as in the rows before"
                    .formatted(Words.shortened(text), where(line)));
        } else {
            put(number);
        }
    }

    private static String where(int line) {
        return line == 0 ? "" : " (line %d)".formatted(line);
    }

    private int name(String text) {
        Integer known = names.get(text);
        if (known == null) {
            if (text.length() > MAX_NAME_LENGTH) {
                throw invalid("is '%s' of %d characters, at most %d are taken"
                        .formatted(Words.shortened(text), text.length(), MAX_NAME_LENGTH));
            }
            if (names.size() == MAX_NAMES) {
                throw Problem.of(
                        Fault.TOO_LARGE,
                        field,
                        "%s has more than %d different names; give whole numbers".formatted(field, MAX_NAMES));
            }
            known = names.size();
            names.put(text, known);
        }
        return known;
    }

    private void put(int number) throws IOException {
        min = Math.min(min, number);
        max = Math.max(max, number);
        if (number < 0 || number >= MAX_COUNTED) {
            counted = false;
        } else {
            numbers.set(number);
        }
        write(out, number);
        row++;
    }

    private static void write(OutputStream out, int number) throws IOException {
        out.write(number);
        out.write(number >> 8);
        out.write(number >> 16);
        out.write(number >> 24);
    }

    private Problem invalid(String what) {
        String at = "%s[%d]".formatted(field, row);
        return Problem.invalid(at, at + " " + what);
    }

    /** Completes the file. */
    Codes finish() throws IOException {
        out.close();
        if (names.isEmpty()) {
            return new Codes(min, max, counted ? numbers.cardinality() : null, null);
        }
        List<String> ordered = names.keySet().stream().sorted().toList();
        int[] places = new int[ordered.size()];
        names.forEach((name, number) -> places[number] = Collections.binarySearch(ordered, name));
        renumber(places);
        return new Codes(0, places.length - 1, places.length, ordered);
    }

    private void renumber(int[] places) throws IOException {
        Path unordered = draft.folder().resolve("unordered-" + file);
        Files.move(draft.folder().resolve(file), unordered);
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(unordered)));
                OutputStream ordered = draft.open(file)) {
            for (int i = 0; i < row; i++) {
                write(ordered, places[Integer.reverseBytes(in.readInt())]);
            }
        }
        Files.delete(unordered);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
