package io.github.latentdock.problem;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Turns every problem, also those that Spring itself finds, into RFC 9457 problem details. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class ProblemAdvice extends ResponseEntityExceptionHandler {

    /** For metrics and logs, since nobody reads it: what nginx calls it. */
    private static final int CLIENT_CLOSED_REQUEST = 499;

    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    @ExceptionHandler
    ResponseEntity<Object> handle(Problem problem, WebRequest request) {
        HttpStatus status = ProblemDetails.status(problem.fault());
        return answer(ProblemDetails.of(problem), ProblemDetails.headers(problem.fault()), status, request);
    }

    /** Whatever is left is our own mistake: logged with its trace, answered without. */
    @ExceptionHandler
    @Nullable
    ResponseEntity<Object> handleOther(
            Throwable failure, WebRequest request, HttpServletRequest servletRequest, HttpServletResponse response) {
        Problem problem = inside(failure);
        if (problem != null) {
            return handle(problem, request);
        }
        if (ClientGoneException.isCauseOf(failure)) {
            log.debug("The client of {} left before its answer was written", servletRequest.getRequestURI());
            if (!response.isCommitted()) {
                response.setStatus(CLIENT_CLOSED_REQUEST);
                response.setHeader(HttpHeaders.CONNECTION, "close");
            }
            return null;
        }
        log.error(
                "{} {} failed; it is answered with 500",
                servletRequest.getMethod(),
                servletRequest.getRequestURI(),
                failure);
        return answer(ProblemDetails.unexpected(), new HttpHeaders(), HttpStatus.INTERNAL_SERVER_ERROR, request);
    }

    @ExceptionHandler
    ResponseEntity<Object> handleType(MethodArgumentTypeMismatchException mismatch, WebRequest request) {
        return handle(SpringProblems.of(mismatch), request);
    }

    @ExceptionHandler
    ResponseEntity<Object> handleParameters(InvalidParameterException invalid, WebRequest request) {
        return handle(SpringProblems.of(invalid), request);
    }

    @ExceptionHandler
    ResponseEntity<Object> handleMultipart(MultipartException failure, WebRequest request) {
        Problem problem = inside(failure);
        if (problem == null) {
            problem = SpringProblems.of(failure);
            if (problem.fault() == Fault.UNAVAILABLE) {
                log.error("An upload cannot be stored; it is answered with 503", failure);
            }
        }
        return handle(problem, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpRequestMethodNotSupported(
            HttpRequestMethodNotSupportedException wrong,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        String[] right = wrong.getSupportedMethods();
        return answer(
                ProblemDetails.of(
                        ProblemDetails.type(HttpStatus.METHOD_NOT_ALLOWED),
                        HttpStatus.METHOD_NOT_ALLOWED,
                        "%s is not possible here%s"
                                .formatted(
                                        wrong.getMethod(),
                                        right == null ? "" : "; %s is".formatted(String.join(" or ", right))),
                        List.of()),
                headers,
                HttpStatus.METHOD_NOT_ALLOWED,
                request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleNoHandlerFoundException(
            NoHandlerFoundException missing, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return nothingAt(missing.getRequestURL(), request);
    }

    private ResponseEntity<Object> nothingAt(String path, WebRequest request) {
        return handle(
                Problem.of(
                        Fault.NOT_FOUND,
                        "There is nothing at %s; /v3/api-docs tells what there is".formatted(Words.shortened(path))),
                request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleMaxUploadSizeExceededException(
            MaxUploadSizeExceededException tooLarge, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return handle(Problem.of(Fault.TOO_LARGE, "The upload is larger than the service takes"), request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException unreadable,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        Problem problem = inside(unreadable);
        return handle(problem == null ? SpringProblems.of(unreadable) : problem, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException invalid, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return handle(SpringProblems.of(invalid), request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException invalid, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return handle(SpringProblems.of(invalid), request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMediaTypeNotSupported(
            HttpMediaTypeNotSupportedException unsupported,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        return handle(SpringProblems.of(unsupported), request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMediaTypeNotAcceptable(
            HttpMediaTypeNotAcceptableException notAcceptable,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        return handle(SpringProblems.of(notAcceptable), request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleNoResourceFoundException(
            NoResourceFoundException missing, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return nothingAt("/" + missing.getResourcePath(), request);
    }

    /** Spring's own problem, given a type of ours. */
    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception failure, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ProblemDetail spring =
                failure instanceof ErrorResponse known ? known.getBody() : ProblemDetail.forStatus(status);
        HttpStatus known = HttpStatus.valueOf(status.value());
        if (known.is5xxServerError() && request instanceof ServletWebRequest servlet && servlet.getResponse() != null) {
            return handleOther(failure, request, servlet.getRequest(), servlet.getResponse());
        }
        ProblemDetail detail = ProblemDetails.of(
                ProblemDetails.type(known),
                known,
                spring.getDetail() == null ? known.getReasonPhrase() : spring.getDetail(),
                List.of());
        return answer(detail, headers, known, request);
    }

    private static ResponseEntity<Object> answer(
            ProblemDetail detail, HttpHeaders headers, HttpStatus status, WebRequest request) {
        // What the failed handler could have produced no longer matters: a problem is always JSON.
        request.removeAttribute(HandlerMapping.PRODUCIBLE_MEDIA_TYPES_ATTRIBUTE, WebRequest.SCOPE_REQUEST);
        return ResponseEntity.status(status)
                .headers(headers)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(detail);
    }

    private static @Nullable Problem inside(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Problem problem) {
                return problem;
            }
        }
        return null;
    }
}
