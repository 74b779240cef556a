package io.github.latentdock.inference;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/** Tells every client how long its request waited and ran, and to go elsewhere with the next when the service goes away. */
@RestControllerAdvice
final class InferenceHeaders implements ResponseBodyAdvice<Object> {

    private static final String TIMING = "Server-Timing";

    private final Drain drain;

    InferenceHeaders(Drain drain) {
        this.drain = drain;
    }

    @Override
    public boolean supports(MethodParameter returnType, Class<? extends HttpMessageConverter<?>> converter) {
        return true;
    }

    @Override
    public @Nullable Object beforeBodyWrite(
            @Nullable Object body,
            MethodParameter returnType,
            MediaType type,
            Class<? extends HttpMessageConverter<?>> converter,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        if (request instanceof ServletServerHttpRequest in && response instanceof ServletServerHttpResponse out) {
            end(in.getServletRequest(), out.getServletResponse());
            if (call(in.getServletRequest()) instanceof Call call) {
                out.getServletResponse().setHeader(TIMING, call.serverTiming());
            }
        }
        return body;
    }

    /** For an answer that begins before it is known: how long it will have run cannot be told, how long it waited can. */
    void begin(HttpServletRequest request, HttpServletResponse response) {
        end(request, response);
        if (call(request) instanceof Call call) {
            response.setHeader(TIMING, call.queueTiming());
        }
    }

    /** The call of a request that has found its model. */
    private static @Nullable Object call(HttpServletRequest request) {
        return request.getAttribute(InferenceInterceptor.MODEL) == null
                ? null
                : request.getAttribute(InferenceInterceptor.CALL);
    }

    /**
     * While the service drains, and where the rest of a body is not read, ends the connection with this answer, in a way that shows
     * clients whether all of it came.
     */
    private void end(HttpServletRequest request, HttpServletResponse response) {
        if (drain.isDraining() || ClientConnection.of(request).isBodyForgotten()) {
            response.setHeader(HttpHeaders.CONNECTION, "close");
            if (request.getProtocol().equals("HTTP/1.1")) {
                // Tomcat would let such an answer end where the connection does, unless there can be trailers: then it
                // sends chunks.
                response.setTrailerFields(Map::of);
            }
        }
    }
}
