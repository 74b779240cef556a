package io.github.latentdock.problem;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/** How a fault looks over HTTP: status, type, title, headers. */
public final class ProblemDetails {

    private ProblemDetails() {}

    static HttpStatus status(Fault fault) {
        return switch (fault) {
            case MALFORMED -> HttpStatus.BAD_REQUEST;
            case NOT_FOUND -> HttpStatus.NOT_FOUND;
            case UNSUPPORTED_OPERATION, CONFLICT -> HttpStatus.CONFLICT;
            case TOO_LARGE -> HttpStatus.CONTENT_TOO_LARGE;
            case REQUEST_TIMEOUT -> HttpStatus.REQUEST_TIMEOUT;
            case UNSUPPORTED_CONTENT -> HttpStatus.UNSUPPORTED_MEDIA_TYPE;
            case NOT_ACCEPTABLE -> HttpStatus.NOT_ACCEPTABLE;
            case INVALID -> HttpStatus.UNPROCESSABLE_CONTENT;
            case OVERLOADED -> HttpStatus.TOO_MANY_REQUESTS;
            case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
            case DEADLINE_EXCEEDED -> HttpStatus.GATEWAY_TIMEOUT;
        };
    }

    /** Who is told to come back is told when. */
    static HttpHeaders headers(Fault fault) {
        var headers = new HttpHeaders();
        if (fault == Fault.OVERLOADED || fault == Fault.UNAVAILABLE) {
            headers.set(HttpHeaders.RETRY_AFTER, "1");
        }
        return headers;
    }

    public static ProblemDetail of(Problem problem) {
        return of(problem.fault().type(), status(problem.fault()), problem.detail(), problem.errors());
    }

    /** Our own mistake, whose trace is in the log. */
    public static ProblemDetail unexpected() {
        return of(
                type(HttpStatus.INTERNAL_SERVER_ERROR),
                HttpStatus.INTERNAL_SERVER_ERROR,
                "The service failed; its log tells why",
                List.of());
    }

    static ProblemDetail of(String type, HttpStatus status, String detail, List<Problem.FieldError> errors) {
        ProblemDetail body = ProblemDetail.forStatusAndDetail(status, detail);
        body.setType(URI.create(type));
        body.setTitle(status.getReasonPhrase());
        if (!errors.isEmpty()) {
            body.setProperty("errors", errors);
        }
        return body;
    }

    /** The type of a problem that Spring or Tomcat found, whose fault is known only by its status. */
    static String type(HttpStatus status) {
        return switch (status) {
            case BAD_REQUEST -> Fault.MALFORMED.type();
            case NOT_FOUND -> Fault.NOT_FOUND.type();
            case CONTENT_TOO_LARGE -> Fault.TOO_LARGE.type();
            case UNSUPPORTED_MEDIA_TYPE -> Fault.UNSUPPORTED_CONTENT.type();
            case NOT_ACCEPTABLE -> Fault.NOT_ACCEPTABLE.type();
            case UNPROCESSABLE_CONTENT -> Fault.INVALID.type();
            case TOO_MANY_REQUESTS -> Fault.OVERLOADED.type();
            case SERVICE_UNAVAILABLE -> Fault.UNAVAILABLE.type();
            default ->
                "urn:latentdock:problem:"
                        + status.getReasonPhrase().toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "-");
        };
    }
}
