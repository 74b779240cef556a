package io.github.latentdock.inference;

import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * What surrounds every request to the API: it is refused while the service drains, is given its deadline, and afterwards is
 * measured and lets go of the model it used.
 */
@Component
final class InferenceInterceptor implements HandlerInterceptor {

    static final String TIMEOUT = "X-Timeout-Ms";
    static final String CALL = "latentdock.call";
    static final String MODEL = "latentdock.model";
    /** The status that an answer would have if it had not begun before it went wrong. */
    static final String LATE_STATUS = "latentdock.late-status";

    private static final int CLIENT_CLOSED_REQUEST = 499;
    private static final int INTERNAL_ERROR = 500;
    private static final String START = "latentdock.start";

    private final InferenceProperties properties;
    private final Drain drain;
    private final InferenceMeters meters;

    InferenceInterceptor(InferenceProperties properties, Drain drain, InferenceMeters meters) {
        this.properties = properties;
        this.drain = drain;
        this.meters = meters;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        var call = new Call(timeout(request), ClientConnection.of(request)::isGone, RequestMemory.of(request)::take);
        drain.enter(call);
        request.setAttribute(START, System.nanoTime());
        request.setAttribute(CALL, call);
        return true;
    }

    @Override
    public void afterCompletion(
            HttpServletRequest request, HttpServletResponse response, Object handler, @Nullable Exception failure) {
        drain.leave((Call) request.getAttribute(CALL));
        if (request.getAttribute(MODEL) instanceof LoadedModel model) {
            model.release();
            if (handler instanceof HandlerMethod method && request.getAttribute(START) instanceof Long start) {
                meters.answered(
                        model.name(),
                        method.getMethod().getName(),
                        outcome(status(request, response)),
                        System.nanoTime() - start);
            }
        }
    }

    /** What the answer would say if it was written now. */
    private static int status(HttpServletRequest request, HttpServletResponse response) {
        int status = response.getStatus();
        if (request.getAttribute(LATE_STATUS) instanceof Integer late) {
            return late;
        }
        // Spring keeps here what went wrong with an answer, also when it had begun.
        if (status < 400 && request.getAttribute(DispatcherServlet.EXCEPTION_ATTRIBUTE) instanceof Throwable failure) {
            return ClientGoneException.isCauseOf(failure) ? CLIENT_CLOSED_REQUEST : INTERNAL_ERROR;
        }
        return status;
    }

    private Duration timeout(HttpServletRequest request) {
        String header = request.getHeader(TIMEOUT);
        if (header == null) {
            return properties.timeout();
        }
        long most = properties.maxTimeout().toMillis();
        try {
            long millis = Long.parseLong(header.strip());
            if (millis > 0 && millis <= most) {
                return Duration.ofMillis(millis);
            }
        } catch (NumberFormatException e) {
            throw Problem.malformed(
                    TIMEOUT,
                    "%s is '%s', a whole number of milliseconds is needed".formatted(TIMEOUT, Words.shortened(header)));
        }
        throw Problem.of(Fault.INVALID, TIMEOUT, "%s is %s, 1 to %d are possible".formatted(TIMEOUT, header, most));
    }

    private static String outcome(int status) {
        return switch (status / 100) {
            case 2 -> "success";
            case 4 -> status == 429 ? "rejected" : status == CLIENT_CLOSED_REQUEST ? "cancelled" : "client-error";
            default -> status == 503 || status == 504 ? "rejected" : "server-error";
        };
    }
}
