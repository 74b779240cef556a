package io.github.latentdock.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes from a store what was interrupted: hidden files and folders, and empty folders.
 *
 * @param before spares what was written to since then; parts of uploads a day longer
 */
record Sweep(FolderStore store, StoreRoot root, Instant before) {

    private static final Logger log = LoggerFactory.getLogger(Sweep.class);

    /** The first part of an upload waits for the last one, which may take hours. */
    private static final Duration LONGEST_UPLOAD = Duration.ofDays(1);

    void run() {
        removeHidden();
        for (String parent : store.folders("")) {
            for (String name : store.folders(parent)) {
                removeEmpty(parent + "/" + name);
            }
            removeEmpty(parent);
        }
    }

    private void removeEmpty(String folder) {
        Path path = root.resolve(folder);
        try {
            if (FolderTree.isEmpty(path) && FolderTree.lastWritten(path).isBefore(before)) {
                Files.delete(path); // Fails when somebody writes to it meanwhile.
                log.info("Removed {}, an empty folder", path);
            }
        } catch (IOException e) {
            log.warn("{} is empty and could not be removed: {}", path, e.toString());
        }
    }

    private void removeHidden() {
        try (DirectoryStream<Path> hidden = Files.newDirectoryStream(root.path(), StoreRoot.HIDDEN)) {
            for (Path leftover : hidden) {
                if (leftover.equals(root.scratch())) {
                    removeParts();
                } else if (FolderTree.lastWritten(leftover).isBefore(before)) {
                    log.info("Removing {}, which an interrupted upload or deletion left behind", leftover);
                    store.removeTree(leftover);
                }
            }
        } catch (NoSuchFileException e) {
            // No root yet, no leftovers.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each by itself, for on a busy service some of them are always new. */
    private void removeParts() throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(root.scratch())) {
            for (Path part : parts) {
                if (FolderTree.lastWritten(part).isBefore(before.minus(LONGEST_UPLOAD))) {
                    log.info("Removing {}, which an interrupted upload left behind", part);
                    store.removeTree(part);
                }
            }
        }
    }
}
