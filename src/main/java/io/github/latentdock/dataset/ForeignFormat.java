package io.github.latentdock.dataset;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Files that are often taken for datasets, by how they start: whoever sends one is told what it is. */
final class ForeignFormat {

    private static final String PACKED = "a file that is packed in another way than with gzip";
    private static final String PICTURE = "a single picture: pictures are sent in a zip";

    private static final List<Start> STARTS = List.of(
            new Start("\u0089PNG", PICTURE),
            new Start("\u00ff\u00d8\u00ff", PICTURE),
            new Start("GIF8", PICTURE),
            new Start("PAR1", "Parquet"),
            new Start("\u0089HDF", "HDF5"),
            new Start("MATLAB", "MATLAB's .mat"),
            new Start("\u00ff\u00fe", "a text in UTF-16: save it in UTF-8"),
            new Start("\u00fe\u00ff", "a text in UTF-16: save it in UTF-8"),
            new Start("\u00d0\u00cf\u0011\u00e0", "a workbook of Excel: save it as CSV"),
            new Start("\u0080\u0004", "a pickle, which is never read"),
            new Start("BZh", PACKED),
            new Start("\u00fd7zXZ", PACKED),
            new Start("7z\u00bc\u00af", PACKED),
            new Start("Rar!", PACKED),
            new Start("\u0028\u00b5\u002f\u00fd", PACKED),
            new Start("%PDF", "PDF"));

    private ForeignFormat() {}

    /** @param bytes as characters of Latin 1 */
    private record Start(String bytes, String what) {}

    /** What starts like this, in words for problems; null where nobody knows. */
    static @Nullable String of(byte[] start) {
        String begin = new String(start, StandardCharsets.ISO_8859_1);
        return STARTS.stream()
                .filter(each -> begin.startsWith(each.bytes()))
                .map(Start::what)
                .findFirst()
                .orElse(null);
    }
}
