package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamSource;
import org.springframework.web.multipart.MultipartRequest;

/** The parts of a multipart request that uploads a dataset. */
final class DatasetUpload implements AutoCloseable {

    private static final List<String> FIELDS = List.of("name", "format", "missing", "resize", "header");
    private static final int MAX_FIELD_BYTES = 1000;

    /** Each may take its size on the disk while it arrives, and a slow one takes long. */
    private static final int MOST_AT_ONCE = 8;

    private static final Semaphore TURNS = new Semaphore(MOST_AT_ONCE);

    private final DatasetsProperties limits;
    private final Map<String, String> fields = new HashMap<>();
    private final Map<String, InputStreamSource> files = new HashMap<>();
    private long bytes;

    private DatasetUpload(DatasetsProperties limits) {
        this.limits = limits;
    }

    /**
     * Reads the parts of a request, which are not read before: whoever may not write gets no byte onto the disk.
     *
     * @throws Problem when a part is not known or there twice; OVERLOADED when too many uploads are under way
     */
    static DatasetUpload of(HttpServletRequest request, DatasetsProperties limits)
            throws IOException, ServletException {
        if (!TURNS.tryAcquire()) {
            throw Problem.of(
                    Fault.OVERLOADED,
                    "%d uploads of datasets are under way, no more are taken at once".formatted(MOST_AT_ONCE));
        }
        var upload = new DatasetUpload(limits);
        try {
            if (request instanceof MultipartRequest multipart) {
                multipart.getFileNames(); // Reads them, with Spring's own exceptions for what is wrong.
            }
            for (Part part : request.getParts()) {
                upload.add(part);
            }
            return upload;
        } catch (RuntimeException | IOException | ServletException e) {
            upload.close();
            throw e;
        }
    }

    private void add(Part part) throws IOException {
        String name = part.getName();
        boolean again;
        if (NewDataset.PARTS.contains(name)) {
            bytes += part.getSize();
            again = files.put(name, part::getInputStream) != null;
        } else if (FIELDS.contains(name)) {
            again = fields.put(name, text(part)) != null;
        } else {
            throw Problem.malformed(
                    Words.shortened(name),
                    "There is no part '%s'; there are %s and %s"
                            .formatted(
                                    Words.shortened(name),
                                    String.join(", ", FIELDS),
                                    String.join(", ", NewDataset.PARTS)));
        }
        if (again) {
            throw Problem.malformed(name, "The part '%s' is there twice".formatted(name));
        }
        if (bytes > limits.maxUploadSize().toBytes()) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    name,
                    "The files have more than the %s allowed together".formatted(limits.maxUploadSize()));
        }
    }

    private static String text(Part part) throws IOException {
        try (InputStream content = part.getInputStream()) {
            byte[] text = content.readNBytes(MAX_FIELD_BYTES + 1);
            if (text.length > MAX_FIELD_BYTES) {
                throw Problem.malformed(
                        part.getName(),
                        "The part '%s' has more than %d bytes".formatted(part.getName(), MAX_FIELD_BYTES));
            }
            return new String(text, StandardCharsets.UTF_8).strip();
        }
    }

    /** @throws Problem when a field is missing or wrong */
    NewDataset dataset() {
        String name = fields.get("name");
        if (name == null) {
            throw Problem.malformed("name", "The part 'name' is missing");
        }
        return new NewDataset(
                name,
                files,
                Options.of(field("format"), field("missing"), field("resize"), field("header"), limits.maxValues()));
    }

    /** What is empty was not filled in. */
    private @Nullable String field(String name) {
        String text = fields.get(name);
        return text == null || text.isEmpty() ? null : text;
    }

    @Override
    public void close() {
        TURNS.release();
    }
}
