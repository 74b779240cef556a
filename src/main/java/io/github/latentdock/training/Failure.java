package io.github.latentdock.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** An error in words that may be told to anybody: what it was. Where on this machine it was, the log alone tells. */
final class Failure {

    private Failure() {}

    static String told(Throwable error) {
        Throwable disk = error instanceof UncheckedIOException ? error.getCause() : null;
        Throwable cause = disk == null ? error : disk;
        String kind = cause.getClass().getSimpleName();
        String reason = reason(cause);
        return reason == null ? kind : "%s (%s)".formatted(kind, reason);
    }

    /** The system's own words, such as "No space left on device"; messages of others may hold anything. */
    private static @Nullable String reason(Throwable cause) {
        if (cause instanceof FileSystemException file) {
            return file.getReason();
        }
        String message = cause.getMessage();
        return cause.getClass() == IOException.class && message != null && !message.contains("/") ? message : null;
    }
}
