package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import io.github.latentdock.storage.FileDigest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.springframework.core.io.InputStreamSource;

/**
 * A dataset that somebody wants to add.
 *
 * @param files by the names of {@link #PARTS}; each may be opened several times
 */
record NewDataset(String name, Map<String, InputStreamSource> files, Options options) {

    static final String FILE = "file";
    static final String LABELS = "labels";
    static final String GROUPS = "groups";
    static final String MASK = "mask";

    /** In the order that an id is made of. */
    static final List<String> PARTS = List.of(FILE, LABELS, GROUPS, MASK);

    /** Shorter than an id, so that nothing is both. */
    static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

    NewDataset {
        if (!NAME.matcher(name).matches()) {
            throw Problem.invalid("name", "name is '%s', it must match %s".formatted(Words.shortened(name), NAME));
        }
        if (!files.containsKey(FILE)) {
            throw Problem.malformed(FILE, "The part 'file' is missing: it holds the examples");
        }
    }

    InputStreamSource file() {
        return Objects.requireNonNull(files.get(FILE), "checked before");
    }

    /** The SHA-256 of the file when it came alone, else of what tells all parts and options apart. */
    String id() throws IOException {
        var parts = new StringBuilder();
        String last = "";
        for (String part : PARTS) {
            InputStreamSource file = files.get(part);
            if (file != null) {
                try (InputStream content = file.getInputStream()) {
                    last = FileDigest.of(content).sha256();
                    parts.append(part).append(' ').append(last).append('\n');
                }
            }
        }
        parts.append(options.difference());
        return files.size() == 1 && options.difference().isEmpty() ? last : sha256(parts.toString());
    }

    private static String sha256(String text) throws IOException {
        return FileDigest.of(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .sha256();
    }
}
