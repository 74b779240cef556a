package io.github.latentdock.training;

import io.github.latentdock.storage.FileDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tells files that are what was written from those that only look so. They are written as {@code sha256sum} does.
 */
final class Checksums {

    static final String FILE = "SHA256SUMS";

    private static final String BETWEEN = "  ";

    private Checksums() {}

    /** Files are not what was written. */
    static final class Mismatch extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Mismatch(String what) {
            super(what, null, false, false);
        }
    }

    /** Of all files of a folder. */
    static void write(Path folder) throws IOException {
        var lines = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                lines.append(FileDigest.of(file).sha256())
                        .append(BETWEEN)
                        .append(file.getFileName())
                        .append('\n');
            }
        }
        Files.writeString(folder.resolve(FILE), lines);
    }

    /**
     * Reads every byte of what was written: there must be sums of all files that are there, and of no others. Only a folder from
     * before there were any, which has no lineage either, is taken as it is.
     *
     * @throws Mismatch naming the first file that is not as it was written
     * @throws UncheckedIOException when the disk fails
     */
    static void verify(Path folder) {
        Path sums = folder.resolve(FILE);
        if (!Files.exists(sums)) {
            if (Files.exists(folder.resolve(Lineage.FILE))) {
                throw new Mismatch(FILE + " is gone");
            }
            return;
        }
        SortedSet<String> untold = files(folder);
        List<String> lines = lines(sums);
        if (lines.isEmpty()) {
            throw new Mismatch(FILE + " is empty");
        }
        for (String line : lines) {
            String[] parts = line.split(BETWEEN, 2);
            if (parts.length != 2 || !untold.remove(parts[1])) {
                throw new Mismatch("%s tells of '%s', which is no file".formatted(FILE, line));
            }
            String found = FileDigest.of(folder.resolve(parts[1])).sha256();
            if (!found.equals(parts[0])) {
                throw new Mismatch("%s has the SHA-256 %s, %s was written".formatted(parts[1], found, parts[0]));
            }
        }
        if (!untold.isEmpty()) {
            throw new Mismatch("%s does not tell of %s".formatted(FILE, String.join(", ", untold)));
        }
    }

    /** The names of those that have sums. */
    private static SortedSet<String> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !name.equals(FILE))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path sums) {
        try {
            return Files.readAllLines(sums);
        } catch (CharacterCodingException e) {
            throw new Mismatch(FILE + " is no text");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
