package io.github.latentdock.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Why a file could not be read, in words that may be told to anybody: with its name, but not where on this machine it is. */
public final class Unreadable {

    private Unreadable() {}

    public static String reason(UncheckedIOException failure) {
        @Nullable IOException cause = failure.getCause();
        String file = cause instanceof FileSystemException of && of.getFile() != null
                ? String.valueOf(Path.of(of.getFile()).getFileName())
                : "a file";
        return switch (cause) {
            case NoSuchFileException ignored -> file + " is not there";
            case AccessDeniedException ignored -> file + " may not be read";
            case null, default -> file + " cannot be read";
        };
    }
}
