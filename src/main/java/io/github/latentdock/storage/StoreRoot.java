package io.github.latentdock.storage;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;

/** Where a store's names lead to. No name leads out of the root. */
record StoreRoot(Path path) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private static final String DRAFT = ".draft-";
    private static final String TRASH = ".trash-";

    /** What no name is like, and nobody sees: all that is on its way in or out. */
    static final String HIDDEN = "{" + DRAFT + "," + TRASH + "}*";

    Path newDraft() {
        return path.resolve(DRAFT + UUID.randomUUID());
    }

    Path newTrash() {
        return path.resolve(TRASH + UUID.randomUUID());
    }

    /** For parts of uploads. */
    Path scratch() {
        return path.resolve(DRAFT + "parts");
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    static String requireName(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("'%s' is no name of a file or folder, %s is".formatted(name, NAME));
        }
        return name;
    }

    /** @param name such as {@code fashion-vae/3}; empty for the root itself */
    Path resolve(String name) {
        Path resolved = path;
        for (String part : name.isEmpty() ? new String[0] : name.split("/", -1)) {
            resolved = resolved.resolve(requireName(part));
        }
        return resolved;
    }

    /** As {@link #resolve}, for something that is to be changed. */
    Path resolveWritable(String name) {
        requireWritable();
        Path resolved = resolve(name);
        if (!isPlain(parent(resolved))) {
            throw Problem.of(Fault.CONFLICT, "'%s' cannot be changed: it is behind a symbolic link".formatted(name));
        }
        return resolved;
    }

    /** Whether the root can be written, or made where there is none yet, as far as the file system tells. */
    boolean isWritable() {
        Path nearest = path;
        while (Files.notExists(nearest)) {
            nearest = parent(nearest);
        }
        return Files.isDirectory(nearest) && Files.isWritable(nearest);
    }

    void requireWritable() {
        if (!isWritable()) {
            throw Problem.of(Fault.CONFLICT, "The storage cannot be changed: it is read-only here");
        }
    }

    /** Whether something is reached without a symbolic link below the root; the root itself may be one. */
    boolean isPlain(Path below) {
        for (Path each = below; !each.equals(path); each = parent(each)) {
            if (Files.isSymbolicLink(each)) {
                return false;
            }
        }
        return true;
    }

    static Path parent(Path below) {
        return Objects.requireNonNull(below.getParent(), "the root of the file system is not below a store's root");
    }
}
