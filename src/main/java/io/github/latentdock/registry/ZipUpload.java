package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.problem.Words;
import io.github.latentdock.storage.ZipArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;

/** An uploaded zip with a version's files at its top, {@code model.json} among them or not. Nothing is ever unpacked by name. */
final class ZipUpload implements AutoCloseable {

    /** Far more than a version has files. */
    private static final int MAX_ENTRIES = 1000;

    private static final int MAX_DIRECTORY_BYTES = 1 << 20;

    private final ZipArchive zip;
    private final List<NewFile> files;

    private ZipUpload(ZipArchive zip) {
        this.zip = zip;
        this.files = zip.files().stream()
                .map(entry -> new NewFile(entry.getName(), () -> zip.content(entry)))
                .toList();
    }

    /**
     * @param name what the upload called it
     * @throws Problem {@code MALFORMED} when it is no zip; {@code INVALID} naming links and folders in it; {@code TOO_LARGE} naming
     *     what would unpack to more bytes than allowed
     */
    static ZipUpload open(Path file, String name, long maxBytes) throws IOException {
        ZipArchive zip = ZipArchive.open(file, name, MAX_ENTRIES, MAX_DIRECTORY_BYTES);
        try {
            requireFiles(zip, name, maxBytes);
            return new ZipUpload(zip);
        } catch (Problem e) {
            zip.close();
            throw e;
        }
    }

    List<NewFile> files() {
        return files;
    }

    private static void requireFiles(ZipArchive zip, String name, long maxBytes) {
        var faults = new ArrayList<FieldError>();
        for (String link : zip.symbolicLinks()) {
            faults.add(new FieldError(
                    Words.shortened(link), "'%s' in %s is a symbolic link".formatted(Words.shortened(link), name)));
        }
        for (ZipEntry entry : zip.files()) {
            String nested = Words.shortened(entry.getName());
            if (entry.getName().contains("/")) {
                faults.add(new FieldError(
                        nested,
                        "'%s' in %s has a folder; files must be at the top of the zip".formatted(nested, name)));
            }
        }
        if (!faults.isEmpty()) {
            throw Problem.of(Fault.INVALID, faults);
        }
        zip.files().stream()
                .filter(entry -> entry.getSize() > maxBytes)
                .findFirst()
                .ifPresent(entry -> {
                    throw Problem.of(
                            Fault.TOO_LARGE,
                            entry.getName(),
                            "%s in %s unpacks to %d bytes, at most %d are allowed"
                                    .formatted(entry.getName(), name, entry.getSize(), maxBytes));
                });
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
