package io.github.latentdock.dataset;

import static java.util.Objects.requireNonNull;

import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import io.github.latentdock.storage.Draft;
import io.github.latentdock.storage.ZipArchive;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamSource;

/** Opens the files of a new dataset, each in the format that it has. Zips are copied to the disk first, to be read by their names. */
final class InputFiles implements Closeable {

    private static final String COPY = "upload.zip";
    private static final String ARRAY = ".npy";
    private static final String VALUES = "x";

    /** 32 MB of names and sizes, which are held in memory: some 400 000 pictures. */
    private static final int MAX_DIRECTORY_BYTES = 1 << 25;

    /** Of a file of labels or groups, which has one; its names may hold what looks like more. */
    private static final int MAX_CODE_COLUMNS = 1000;

    private final NewDataset dataset;
    private final Options options;
    private final Draft scratch;
    private final DatasetsProperties limits;
    private final Map<String, InputStreamSource> files;
    private @Nullable ZipArchive zip;

    InputFiles(NewDataset dataset, Draft scratch, DatasetsProperties limits) {
        this.dataset = dataset;
        this.options = dataset.options();
        this.scratch = scratch;
        this.limits = limits;
        this.files = new HashMap<>(dataset.files());
    }

    /** @throws Problem naming the part that cannot be read */
    Inputs open() throws IOException {
        DatasetFormat format = format();
        requireFits(format);
        Rows values = null;
        CodeRows labels = null;
        CodeRows groups = null;
        try {
            values = switch (format) {
                case ZIP -> new PictureRows(NewDataset.FILE, zip(), options.resize());
                case NPZ -> {
                    unpackArrays();
                    yield rows(NewDataset.FILE, DatasetFormat.NPY);
                }
                case NPY, IDX, CSV -> rows(NewDataset.FILE, format);
            };
            labels = codes(NewDataset.LABELS);
            groups = codes(NewDataset.GROUPS);
            Rows mask = files.containsKey(NewDataset.MASK) ? rows(NewDataset.MASK, null) : null;
            return new Inputs(format, values, labels, groups, mask);
        } catch (IOException | RuntimeException e) {
            for (Closeable each : new Closeable[] {values, labels, groups}) {
                if (each != null) {
                    each.close();
                }
            }
            throw e;
        }
    }

    private DatasetFormat format() throws IOException {
        if (options.format() != null) {
            return options.format();
        }
        DatasetFormat told;
        try (BufferedInputStream content = content(NewDataset.FILE)) {
            told = DatasetFormat.of(content);
            if (told == null) {
                throw unknown(NewDataset.FILE, content);
            }
        }
        return told == DatasetFormat.ZIP
                        && zip().files().stream()
                                .anyMatch(entry -> entry.getName().endsWith(ARRAY))
                ? DatasetFormat.NPZ
                : told;
    }

    private static Problem unknown(String part, BufferedInputStream content) throws IOException {
        byte[] start = DatasetFormat.start(content);
        if (start.length == 0) {
            return Problem.malformed(part, "%s is empty".formatted(part));
        }
        String foreign = ForeignFormat.of(start);
        return Problem.malformed(
                part,
                "%s is none of %s: it %s"
                        .formatted(
                                part,
                                part.equals(NewDataset.FILE) ? DatasetFormat.ALL : ".npy, IDX or CSV",
                                foreign == null ? "does not start like one" : "starts like " + foreign));
    }

    private void requireFits(DatasetFormat format) {
        if (options.resize() != null && format != DatasetFormat.ZIP) {
            throw Problem.invalid("resize", "resize is for zips of pictures, file is of format %s".formatted(format));
        }
        if (options.header() != null && format != DatasetFormat.CSV) {
            throw Problem.invalid("header", "header is for CSV, file is of format %s".formatted(format));
        }
    }

    private BufferedInputStream content(String part) throws IOException {
        InputStream raw = requireNonNull(files.get(part), "only called for parts that are there")
                .getInputStream();
        try {
            return Content.unpacked(part, raw);
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    /** @param asked null to let the content tell */
    private Rows rows(String part, @Nullable DatasetFormat asked) throws IOException {
        BufferedInputStream content = content(part);
        try {
            DatasetFormat format = asked == null ? DatasetFormat.of(content) : asked;
            return switch (format) {
                case NPY -> new NpyRows(part, content, scratch);
                case IDX -> new IdxRows(part, content);
                case CSV ->
                    new CsvRows(
                            part, content, part.equals(NewDataset.FILE) ? options.header() : null, limits.maxValues());
                case NPZ, ZIP -> throw Problem.invalid(part, "%s is a zip, one file is needed".formatted(part));
                case null -> throw unknown(part, content);
            };
        } catch (IOException | RuntimeException e) {
            content.close();
            throw e;
        }
    }

    private @Nullable CodeRows codes(String part) throws IOException {
        if (!files.containsKey(part)) {
            return null;
        }
        DatasetFormat format;
        try (BufferedInputStream content = content(part)) {
            format = DatasetFormat.of(content);
        }
        if (format == DatasetFormat.CSV) {
            return CodeRows.lines(part, new CsvLines(part, content(part), MAX_CODE_COLUMNS), part);
        }
        Rows rows = rows(part, format);
        try {
            return CodeRows.numbers(part, rows);
        } catch (Problem e) {
            rows.close();
            throw e;
        }
    }

    private ZipArchive zip() throws IOException {
        ZipArchive opened = zip;
        if (opened == null) {
            try (InputStream content = dataset.file().getInputStream()) {
                scratch.write(COPY, content, limits.maxUploadSize().toBytes());
            }
            opened = ZipArchive.open(
                    scratch.folder().resolve(COPY), NewDataset.FILE, limits.maxRows(), MAX_DIRECTORY_BYTES);
            zip = opened;
        }
        return opened;
    }

    /** The arrays of a .npz take the places of the parts; a single array is the values, whatever it is called. */
    private void unpackArrays() throws IOException {
        ZipArchive archive = zip();
        var arrays = new TreeMap<String, ZipEntry>();
        for (ZipEntry entry : archive.files()) {
            String name = entry.getName();
            if (!name.endsWith(ARRAY)) {
                throw Problem.invalid(
                        Words.shortened(name),
                        "%s in file is no array: .npz holds .npy files".formatted(Words.shortened(name)));
            }
            if (arrays.put(name.substring(0, name.length() - ARRAY.length()), entry) != null) {
                throw Problem.invalid(Words.shortened(name), "%s is twice in file".formatted(Words.shortened(name)));
            }
        }
        if (arrays.isEmpty()) {
            throw Problem.invalid(NewDataset.FILE, "file is a zip without arrays");
        }
        String single = arrays.size() == 1 ? arrays.firstKey() : VALUES;
        if (!arrays.containsKey(single)) {
            throw Problem.invalid(
                    NewDataset.FILE,
                    "file has arrays %s, the examples must be called x".formatted(Words.listed(arrays.keySet())));
        }
        for (Map.Entry<String, ZipEntry> array : arrays.entrySet()) {
            String part = array.getKey().equals(single) ? NewDataset.FILE : array.getKey();
            if (!NewDataset.PARTS.contains(part)) {
                throw Problem.invalid(
                        Words.shortened(part),
                        "file has an array '%s', beside x there may be labels, groups and mask"
                                .formatted(Words.shortened(part)));
            }
            if (!part.equals(NewDataset.FILE) && files.containsKey(part)) {
                throw Problem.invalid(part, "%s is there twice: in file, and as a part of its own".formatted(part));
            }
            files.put(part, () -> archive.content(array.getValue()));
        }
    }

    @Override
    public void close() throws IOException {
        if (zip != null) {
            zip.close();
        }
    }
}
