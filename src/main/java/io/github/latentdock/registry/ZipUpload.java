package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** An uploaded zip with a version's files at its top, {@code model.json} among them or not. Nothing is ever unpacked by name. */
final class ZipUpload implements AutoCloseable {

    private final ZipFile zip;
    private final List<NewFile> files;

    private ZipUpload(ZipFile zip) {
        this.zip = zip;
        this.files = zip.stream()
                .map(entry -> new NewFile(entry.getName(), () -> content(entry)))
                .toList();
    }

    /**
     * @param name what the upload called it
     * @throws Problem {@code MALFORMED} when it is no zip; {@code INVALID} naming links and folders in it; {@code TOO_LARGE} naming
     *     what would unpack to more bytes than allowed
     */
    static ZipUpload open(Path file, String name, long maxBytes) throws IOException {
        var faults = new ArrayList<FieldError>();
        try {
            for (String link : ZipDirectory.symbolicLinks(file)) {
                faults.add(new FieldError(link, "'%s' in %s is a symbolic link".formatted(link, name)));
            }
            var zip = new ZipFile(file.toFile());
            try {
                requireFiles(zip, name, maxBytes, faults);
                return new ZipUpload(zip);
            } catch (Problem e) {
                zip.close();
                throw e;
            }
        } catch (ZipException | EOFException e) {
            throw Problem.malformed(name, "%s cannot be read as a zip: %s".formatted(name, e.getMessage()));
        }
    }

    List<NewFile> files() {
        return files;
    }

    private static void requireFiles(ZipFile zip, String name, long maxBytes, List<FieldError> faults) {
        zip.stream().map(ZipEntry::getName).filter(entry -> entry.contains("/")).forEach(nested -> {
            faults.add(new FieldError(
                    nested, "'%s' in %s has a folder; files must be at the top of the zip".formatted(nested, name)));
        });
        if (!faults.isEmpty()) {
            throw Problem.of(Fault.INVALID, faults);
        }
        zip.stream().filter(entry -> entry.getSize() > maxBytes).findFirst().ifPresent(entry -> {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    entry.getName(),
                    "%s in %s unpacks to %d bytes, at most %d are allowed"
                            .formatted(entry.getName(), name, entry.getSize(), maxBytes));
        });
    }

    private InputStream content(ZipEntry entry) throws IOException {
        return new CheckedInputStream(zip.getInputStream(entry), new CRC32()) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                try {
                    int read = super.read(buffer, offset, length);
                    if (read < 0 && getChecksum().getValue() != entry.getCrc()) {
                        throw new ZipException("its checksum is wrong");
                    }
                    return read;
                } catch (ZipException | EOFException e) {
                    throw Problem.malformed(
                            entry.getName(), "%s cannot be unpacked: %s".formatted(entry.getName(), e.getMessage()));
                }
            }
        };
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
