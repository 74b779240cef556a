package io.github.latentdock.training;

import io.github.latentdock.storage.FileDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
     * Reads every byte of what was written. A folder without sums, from before there were any, is taken as it is.
     *
     * @throws Mismatch naming the first file that is not as it was written
     * @throws UncheckedIOException when the disk fails
     */
    static void verify(Path folder) {
        Path sums = folder.resolve(FILE);
        if (!Files.exists(sums)) {
            return;
        }
        for (String line : lines(sums)) {
            String[] parts = line.split(BETWEEN, 2);
            Path file = folder.resolve(parts[parts.length - 1]);
            if (parts.length != 2 || !Files.isRegularFile(file)) {
                throw new Mismatch("%s tells of '%s', which is no file".formatted(FILE, line));
            }
            String found = FileDigest.of(file).sha256();
            if (!found.equals(parts[0])) {
                throw new Mismatch("%s has the SHA-256 %s, %s was written".formatted(parts[1], found, parts[0]));
            }
        }
    }

    private static List<String> lines(Path sums) {
        try {
            return Files.readAllLines(sums);
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new Mismatch(FILE + " is no text");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
