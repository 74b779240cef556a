package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.storage.Draft;
import io.github.latentdock.storage.FolderStore;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.web.multipart.MultipartRequest;

/** The parts of a multipart request that publishes a version: the manifest, and files one by one or in a zip. */
final class VersionUpload implements AutoCloseable {

    private static final String MANIFEST = "manifest";

    /** Each may take twice the size of an upload on the disk until it is published. */
    private static final int MOST_AT_ONCE = 4;

    private static final Semaphore TURNS = new Semaphore(MOST_AT_ONCE);

    private final ModelsProperties properties;
    private final Draft scratch;
    private final List<NewFile> files = new ArrayList<>();
    private final List<ZipUpload> zips = new ArrayList<>();
    private byte @Nullable [] manifest;

    private VersionUpload(FolderStore store, ModelsProperties properties) {
        this.properties = properties;
        this.scratch = store.draft();
    }

    /**
     * Reads the parts of a request, which are not read before: whoever may not write gets no byte onto the disk.
     *
     * @param parts where they wait, made if need be; a relative path is the container's business
     * @throws Problem when there is no manifest, or a zip that cannot be taken; OVERLOADED when too many uploads are under way
     */
    static VersionUpload of(HttpServletRequest request, FolderStore store, ModelsProperties properties, Path parts)
            throws IOException, ServletException {
        if (!TURNS.tryAcquire()) {
            throw Problem.of(
                    Fault.OVERLOADED, "%d uploads are under way, no more are taken at once".formatted(MOST_AT_ONCE));
        }
        VersionUpload upload;
        try {
            upload = new VersionUpload(store, properties);
        } catch (RuntimeException | Error e) {
            TURNS.release();
            throw e;
        }
        try {
            if (parts.isAbsolute()) {
                Files.createDirectories(parts);
            }
            if (request instanceof MultipartRequest multipart) {
                multipart.getFileNames(); // Reads them, with Spring's own exceptions for what is wrong.
            }
            for (Part part : request.getParts()) {
                upload.add(part);
            }
            upload.manifest();
            return upload;
        } catch (RuntimeException | IOException | ServletException | Error e) {
            upload.close();
            throw e;
        }
    }

    byte[] manifest() {
        if (manifest == null) {
            throw Problem.malformed(
                    MANIFEST, "The part 'manifest' is missing; it, or model.json in a zip, tells what the files are");
        }
        return manifest;
    }

    List<NewFile> files() {
        return files;
    }

    private void add(Part part) throws IOException {
        String file = part.getSubmittedFileName();
        if (part.getName().equals(MANIFEST) || isManifest(part.getName()) || isManifest(file)) {
            addManifest(part.getInputStream());
        } else if (CheckpointFiles.KNOWN.contains(part.getName())) {
            files.add(new NewFile(part.getName(), part::getInputStream));
        } else if (file != null && isZip(part, file)) {
            addZip(part, file);
        } else {
            files.add(new NewFile(file == null ? part.getName() : file, part::getInputStream));
        }
    }

    private void addZip(Part part, String name) throws IOException {
        long limit = properties.maxUploadSize().toBytes();
        String copy = "%d.zip".formatted(zips.size());
        try (InputStream content = part.getInputStream()) {
            scratch.write(copy, content, limit);
        }
        ZipUpload zip = ZipUpload.open(scratch.folder().resolve(copy), name, limit);
        zips.add(zip);
        for (NewFile file : zip.files()) {
            if (isManifest(file.name())) {
                addManifest(file.content().getInputStream());
            } else {
                files.add(file);
            }
        }
    }

    private void addManifest(InputStream content) throws IOException {
        if (manifest != null) {
            throw Problem.invalid(MANIFEST, "The manifest is there twice");
        }
        int limit = (int) properties.maxManifestSize().toBytes();
        try (content) {
            manifest = content.readNBytes(limit + 1);
        }
        if (manifest.length > limit) {
            throw Problem.of(
                    Fault.TOO_LARGE, MANIFEST, "The manifest has more than the %d bytes allowed".formatted(limit));
        }
    }

    private static boolean isManifest(@Nullable String name) {
        return Manifest.FILE.equals(name);
    }

    private static boolean isZip(Part part, String file) {
        return file.toLowerCase(Locale.ROOT).endsWith(".zip")
                || "application/zip".equalsIgnoreCase(part.getContentType());
    }

    @Override
    public void close() throws IOException {
        try (scratch) {
            for (ZipUpload zip : zips) {
                zip.close();
            }
        } finally {
            TURNS.release();
        }
    }
}
