package io.github.latentdock.problem;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/**
 * Answers as problem details what Tomcat refuses before Spring sees it: a request line that is no HTTP, a header that is too
 * long. Made by Tomcat from its class name, hence public.
 */
public final class ProblemReportValve extends ErrorReportValve {

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        try {
            response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
            response.getOutputStream().write(body(status).getBytes(StandardCharsets.UTF_8));
            response.finishResponse();
        } catch (IOException | IllegalStateException e) {
            // The client is gone or the answer has begun: nothing more can be told.
            container.getLogger().debug("The problem could not be written", e);
        }
    }

    private static String body(int code) {
        HttpStatus status = Objects.requireNonNullElse(HttpStatus.resolve(code), HttpStatus.BAD_REQUEST);
        return """
               {"type":"%s","title":"%s","status":%d,"detail":"%s"}""".formatted(ProblemDetails.type(status), status.getReasonPhrase(), code, detail(code));
    }

    private static String detail(int code) {
        return switch (code) {
            case 400 ->
                "The request is not HTTP that this service reads: its first line, a header or its path is malformed or too long";
            case 501, 505 -> "The request asks for a part of HTTP that this service does not have";
            default -> code < 500 ? "The request cannot be answered" : "The service failed; its log tells why";
        };
    }
}
