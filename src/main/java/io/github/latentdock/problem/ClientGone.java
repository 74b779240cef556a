package io.github.latentdock.problem;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** Tells a client that hung up from a fault of ours. */
final class ClientGone {

    private ClientGone() {}

    static boolean isCauseOf(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AsyncRequestNotUsableException
                    || cause.getClass().getSimpleName().equals("ClientAbortException")) {
                return true;
            }
            if (cause instanceof IOException io
                    && String.valueOf(io.getMessage()).contains("Broken pipe")) {
                return true;
            }
        }
        return false;
    }
}
