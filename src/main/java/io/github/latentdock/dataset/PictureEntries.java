package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import io.github.latentdock.storage.ZipArchive;
import io.github.latentdock.tensor.StoredPicture;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;

/**
 * The pictures in a zip. That there is nothing else is known before folders are taken for labels, and the first file for what all
 * must be.
 */
final class PictureEntries {

    private static final Pattern NAME = Pattern.compile("(?i).*\\.(png|jpe?g)");

    /** What else is hidden may be somebody's. */
    private static final Pattern OF_A_MAC =
            Pattern.compile("(?i)(.*[/\\\\])?(__macosx[/\\\\].*|\\._[^/\\\\]*|\\.ds_store)");

    private static final String WORKBOOK = "xl/workbook.xml";

    private PictureEntries() {}

    /** @throws Problem naming what is no picture; whether what is called one is one, its reading tells */
    static List<ZipEntry> of(String field, ZipArchive zip) throws IOException {
        List<ZipEntry> files = zip.files();
        requireNoneLeftOut(field, zip, files);
        var others = new ArrayList<String>();
        for (ZipEntry entry : files) {
            if (!NAME.matcher(entry.getName()).matches() && !isPicture(zip, entry)) {
                others.add(Words.shortened(entry.getName()));
            }
        }
        if (others.contains(WORKBOOK)) {
            throw Problem.malformed(field, "%s is a workbook of Excel: save it as CSV".formatted(field));
        }
        if (others.size() == files.size()) {
            throw Problem.malformed(
                    field,
                    "%s is a zip of neither PNG or JPEG pictures nor .npy arrays, it has %s%s"
                            .formatted(
                                    field,
                                    Words.listed(others),
                                    others.size() == 1 ? ": send that itself, or packed with gzip" : ""));
        }
        if (!others.isEmpty()) {
            throw Problem.malformed(
                    others.getFirst(),
                    "%s in %s%s is neither a PNG nor a JPEG picture: leave it out, or convert it"
                            .formatted(
                                    others.getFirst(),
                                    field,
                                    others.size() == 1
                                            ? ""
                                            : ", the first of %d such files,".formatted(others.size())));
        }
        return files;
    }

    /** A folder that begins with a dot may be a label. */
    private static void requireNoneLeftOut(String field, ZipArchive zip, List<ZipEntry> files) throws IOException {
        Set<String> seen = files.stream().map(ZipEntry::getName).collect(Collectors.toSet());
        var leftOut = new ArrayList<String>();
        for (ZipEntry entry : zip.entries()) {
            String name = entry.getName();
            if (entry.isDirectory() || seen.contains(name)) {
                continue;
            }
            if (!OF_A_MAC.matcher(name).matches() && (NAME.matcher(name).matches() || isPicture(zip, entry))) {
                throw Problem.invalid(
                        Words.shortened(name),
                        "%s in %s is hidden, for a name in its path begins with a dot: leave it out, or call it otherwise"
                                .formatted(Words.shortened(name), field));
            }
            leftOut.add(name);
        }
        if (files.isEmpty()) {
            throw Problem.invalid(
                    field,
                    "%s is a zip without files%s"
                            .formatted(
                                    field,
                                    leftOut.isEmpty()
                                            ? ""
                                            : "; what is hidden is not looked at: " + Words.listed(leftOut)));
        }
    }

    private static boolean isPicture(ZipArchive zip, ZipEntry entry) throws IOException {
        try (InputStream content = zip.content(entry)) {
            byte[] first = content.readNBytes(1);
            return first.length == 1 && StoredPicture.begins(first[0]);
        }
    }
}
