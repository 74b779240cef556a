package io.github.latentdock.dataset;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import io.github.latentdock.storage.ZipArchive;
import io.github.latentdock.tensor.StoredPicture;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * The PNG and JPEG pictures in a zip, in its order, all of one size and colour unless they are resized. The folder right above a
 * picture is its label, where there are several.
 */
final class PictureRows implements Rows {

    /** What one picture may take before it is scaled: 4096 x 4096 pixels in RGB. */
    private static final long MAX_RASTER_BYTES = 1 << 26;

    private static final int MAX_FILE_BYTES = 1 << 25;
    private static final float WHITE = 255;

    /** Some programs for Windows write its own. */
    private static final Pattern SEPARATOR = Pattern.compile("[/\\\\]");

    private static final Pattern LEADING = Pattern.compile("^\\./");

    private final String field;
    private final ZipArchive zip;
    private final List<ZipEntry> pictures;
    private final Iterator<ZipEntry> next;
    private final boolean hasLabels;
    private final boolean resized;
    private final int[] shape;
    private @Nullable String label;

    /** @param size height and width to which pictures are scaled; null when all have the same */
    PictureRows(String field, ZipArchive zip, int @Nullable [] size) throws IOException {
        this.field = field;
        this.zip = zip;
        this.pictures = PictureEntries.of(field, zip);
        this.hasLabels = hasFolders();
        this.next = pictures.iterator();
        int[] first = picture(pictures.getFirst()).shape();
        this.resized = size != null;
        this.shape = size == null ? first : new int[] {first[0], size[0], size[1]};
    }

    /** One folder around everything is only packing. */
    private boolean hasFolders() {
        var folders = new HashSet<String>();
        var names = new HashSet<String>();
        for (ZipEntry entry : pictures) {
            folders.add(folder(entry.getName()));
            if (!names.add(entry.getName())) {
                throw Problem.invalid(told(entry), "%s is twice in %s".formatted(told(entry), field));
            }
        }
        if (folders.size() > 1 && folders.contains("")) {
            String top = pictures.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> folder(name).isEmpty())
                    .map(Words::shortened)
                    .findFirst()
                    .orElseThrow();
            throw Problem.invalid(
                    top, "%s in %s is in no folder, and others are: folders are labels".formatted(top, field));
        }
        return folders.size() > 1;
    }

    private static String folder(String name) {
        String[] path = SEPARATOR.split(LEADING.matcher(name).replaceFirst(""), -1);
        return path.length < 2 ? "" : path[path.length - 2];
    }

    private StoredPicture picture(ZipEntry entry) throws IOException {
        byte[] bytes;
        try (InputStream content = zip.content(entry)) {
            bytes = content.readNBytes(MAX_FILE_BYTES + 1);
        }
        if (bytes.length > MAX_FILE_BYTES) {
            throw Problem.of(
                    Fault.TOO_LARGE,
                    told(entry),
                    "%s in %s unpacks to more than the %d bytes allowed for a picture"
                            .formatted(told(entry), field, MAX_FILE_BYTES));
        }
        return StoredPicture.of(told(entry), bytes, MAX_RASTER_BYTES);
    }

    @Override
    public int[] shape() {
        return shape;
    }

    @Override
    public boolean isBytes() {
        return true;
    }

    @Override
    public long count() {
        return pictures.size();
    }

    @Override
    public boolean next(double[] values) throws IOException {
        if (!next.hasNext()) {
            return false;
        }
        ZipEntry entry = next.next();
        StoredPicture picture = picture(entry);
        if (!resized && !Arrays.equals(picture.shape(), shape)) {
            throw Problem.invalid(
                    told(entry),
                    "%s in %s is a picture of shape %s, %s is of %s; with resize=HxW all are scaled to one"
                            .formatted(
                                    told(entry),
                                    field,
                                    Arrays.toString(picture.shape()),
                                    told(pictures.getFirst()),
                                    Arrays.toString(shape)));
        }
        float[] read = picture.values(told(entry), shape);
        for (int i = 0; i < read.length; i++) {
            values[i] = Math.round(read[i] * WHITE);
        }
        label = folder(entry.getName());
        return true;
    }

    @Override
    public boolean hasLabels() {
        return hasLabels;
    }

    @Override
    public @Nullable String label() {
        return label;
    }

    private static String told(ZipEntry entry) {
        return Words.shortened(entry.getName());
    }

    @Override
    public boolean labelsAreNames() {
        return pictures.stream().anyMatch(entry -> CodeWriter.number(folder(entry.getName())) == null);
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
