package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.storage.FileStamp;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A dataset's own description, and whether the files beside it are what it says. */
final class DatasetFolder {

    static final int MAX_JSON_BYTES = 1 << 24;

    /** A later version may have said more. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private DatasetFolder() {}

    static byte[] write(Dataset dataset) {
        return JSON.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(dataset);
    }

    /** @throws Problem {@code INVALID} telling what is wrong */
    static Dataset read(String folder, byte[] json, Map<String, FileStamp> files) {
        Dataset dataset;
        try {
            dataset = JSON.readValue(json, Dataset.class);
        } catch (JacksonException e) {
            throw invalid(Dataset.FILE, "cannot be read: " + e.getOriginalMessage());
        }
        requireWhole(folder, dataset);
        requireFile(
                dataset,
                files,
                Dataset.VALUES,
                true,
                (long) dataset.size() * dataset.elementType().bytes());
        requireFile(dataset, files, Dataset.MASK, dataset.hasMask(), dataset.size());
        requireFile(dataset, files, Dataset.LABELS, dataset.hasLabels(), Integer.BYTES);
        requireFile(dataset, files, Dataset.GROUPS, dataset.hasGroups(), Integer.BYTES);
        return dataset;
    }

    @SuppressWarnings("ConstantValue")
    private static void requireWhole(String folder, @Nullable Dataset dataset) {
        if (dataset == null
                || dataset.id() == null
                || dataset.shape() == null
                || dataset.elementType() == null
                || dataset.statistics() == null
                || dataset.source() == null
                || dataset.created() == null) {
            throw invalid(Dataset.FILE, "lacks id, shape, elementType, statistics, source or created");
        }
        if (!folder.equals(dataset.name())) {
            throw invalid(
                    Dataset.FILE, "says that the name is '%s', the folder's is '%s'".formatted(dataset.name(), folder));
        }
        long size = dataset.shape().length == 0 ? 0 : 1;
        for (int dimension : dataset.shape()) {
            size = size > Integer.MAX_VALUE ? size : size * Math.max(0, dimension);
        }
        if (dataset.rows() < 1 || size < 1 || size > Integer.MAX_VALUE) {
            throw invalid(Dataset.FILE, "tells of no rows, or of an impossible shape");
        }
    }

    private static void requireFile(
            Dataset dataset, Map<String, FileStamp> files, String name, boolean needed, long rowBytes) {
        if (!needed) {
            return;
        }
        FileStamp file = files.get(name);
        if (file == null) {
            throw invalid(name, "is missing");
        }
        if (file.bytes() != dataset.bytes(rowBytes)) {
            throw invalid(name, "has %d bytes, %d are needed".formatted(file.bytes(), dataset.bytes(rowBytes)));
        }
    }

    private static Problem invalid(String file, String what) {
        return Problem.of(Fault.INVALID, file, file + " " + what);
    }
}
