package io.github.latentdock.dataset;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The formats that files of a dataset may have. All but the zips may be packed with gzip. */
public enum DatasetFormat {
    /** One array of NumPy. */
    @JsonProperty("npy")
    NPY,
    /** Several arrays of NumPy, by name. */
    @JsonProperty("npz")
    NPZ,
    /** What MNIST came in. */
    @JsonProperty("idx")
    IDX,
    /** Numbers in lines. */
    @JsonProperty("csv")
    CSV,
    /** PNG and JPEG pictures, in folders or not. */
    @JsonProperty("zip")
    ZIP;

    /** All of them, as problems name them. */
    static final String ALL = ".npy, .npz, IDX, CSV, or a zip of pictures";

    /** As many as a buffered stream holds. */
    private static final int SNIFFED_BYTES = 512;

    /**
     * @param text as a request has it
     * @throws Problem {@code MALFORMED} naming the formats
     */
    static DatasetFormat named(String text) {
        return Arrays.stream(values())
                .filter(format -> format.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> Problem.malformed(
                        "format",
                        "format is '%s', one of %s is needed"
                                .formatted(
                                        Words.shortened(text),
                                        Arrays.stream(values())
                                                .map(DatasetFormat::toString)
                                                .collect(Collectors.joining(", ")))));
    }

    /** What the begin of a content tells, which stays to be read: {@link #ZIP} for any zip, null when it tells nothing. */
    static @Nullable DatasetFormat of(BufferedInputStream content) throws IOException {
        byte[] start = start(content);
        if (starts(start, 0x93, 'N', 'U', 'M', 'P', 'Y')) {
            return NPY;
        }
        if (starts(start, 'P', 'K', 3, 4) || starts(start, 'P', 'K', 5, 6)) {
            return ZIP;
        }
        if (ForeignFormat.of(start) != null) {
            return null; // Some look like text for long.
        }
        if (starts(start, 0, 0) && start.length >= 4 && start[2] >= 8 && start[2] <= 14) {
            return IDX;
        }
        return start.length > 0 && isText(start) ? CSV : null;
    }

    /** The first bytes, which stay to be read. */
    static byte[] start(BufferedInputStream content) throws IOException {
        content.mark(SNIFFED_BYTES);
        byte[] start = content.readNBytes(SNIFFED_BYTES);
        content.reset();
        return start;
    }

    private static boolean starts(byte[] start, int... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (i >= start.length || start[i] != (byte) bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Any byte of a text in UTF-8 but control characters. */
    private static boolean isText(byte[] start) {
        for (byte each : start) {
            if (each >= 0 && each < ' ' && each != '\t' && each != '\r' && each != '\n') {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
