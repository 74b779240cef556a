package io.github.latentdock.problem;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** The client of a request hung up before its answer was there; nobody reads what is said of it. */
public final class ClientGoneException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ClientGoneException() {
        super("The client is gone", null, false, false);
    }

    /** Tells a client that hung up from a fault of ours. */
    public static boolean isCauseOf(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ClientGoneException
                    || cause instanceof AsyncRequestNotUsableException
                    || cause.getClass().getSimpleName().equals("ClientAbortException")
                    || (cause instanceof IOException && "Broken pipe".equals(cause.getMessage()))) {
                return true;
            }
        }
        return false;
    }
}
