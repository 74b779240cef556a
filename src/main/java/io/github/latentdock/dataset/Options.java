package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How an upload is to be read.
 *
 * @param format of the file; null to let its content tell
 * @param missingIsNan whether NaN means that a value is missing
 * @param resize height and width of all pictures; null when they have one size
 * @param header whether a CSV file has one; null to let its first line tell
 */
@SuppressWarnings("ArrayRecordComponent")
record Options(
        @Nullable DatasetFormat format,
        boolean missingIsNan,
        int @Nullable [] resize,
        @Nullable Boolean header) {

    static final Options NONE = new Options(null, false, null, null);

    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,4})x([1-9][0-9]{0,4})");

    /** Reads the fields of a request, null for those that are not there. */
    static Options of(
            @Nullable String format,
            @Nullable String missing,
            @Nullable String resize,
            @Nullable String header,
            int maxValues) {
        if (missing != null && !missing.equals("nan")) {
            throw Problem.malformed(
                    "missing", "missing is '%s', only 'nan' is possible".formatted(Words.shortened(missing)));
        }
        if (header != null && !header.equals("true") && !header.equals("false")) {
            throw Problem.malformed(
                    "header", "header is '%s', true or false is needed".formatted(Words.shortened(header)));
        }
        return new Options(
                format == null ? null : DatasetFormat.named(format),
                missing != null,
                resize == null ? null : size(resize, maxValues),
                header == null ? null : header.equals("true"));
    }

    private static int[] size(String text, int maxValues) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw Problem.malformed(
                    "resize",
                    "resize is '%s', height and width are needed, such as 28x28".formatted(Words.shortened(text)));
        }
        int height = Integer.parseInt(size.group(1));
        int width = Integer.parseInt(size.group(2));
        if ((long) height * width > maxValues) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    "resize",
                    "resize is %s, at most %d values are allowed in a picture".formatted(text, maxValues));
        }
        return new int[] {height, width};
    }

    @Nullable
    String missing() {
        return missingIsNan ? "nan" : null;
    }

    @Nullable
    String size() {
        return resize == null ? null : "%dx%d".formatted(resize[0], resize[1]);
    }

    /** What of this makes another dataset of the same file; empty when nothing does. */
    String difference() {
        return (format == null ? "" : "format " + format + "\n")
                + (missingIsNan ? "missing nan\n" : "")
                + (resize == null ? "" : "resize " + size() + "\n")
                + (header == null ? "" : "header " + header + "\n");
    }
}
