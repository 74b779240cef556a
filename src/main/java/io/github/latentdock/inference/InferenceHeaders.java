package io.github.latentdock.inference;

import jakarta.servlet.http.HttpServletRequest;
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
        if (drain.isDraining() && response instanceof ServletServerHttpResponse servlet) {
            end(request, servlet);
        }
        if (request instanceof ServletServerHttpRequest servlet) {
            HttpServletRequest http = servlet.getServletRequest();
            if (http.getAttribute(InferenceInterceptor.MODEL) != null
                    && http.getAttribute(InferenceInterceptor.CALL) instanceof Call call) {
                response.getHeaders().set("Server-Timing", call.serverTiming());
            }
        }
        return body;
    }

    /** Ends the connection with this answer, in a way that shows clients whether all of it came. */
    private static void end(ServerHttpRequest request, ServletServerHttpResponse response) {
        response.getHeaders().set(HttpHeaders.CONNECTION, "close");
        if (request instanceof ServletServerHttpRequest servlet
                && servlet.getServletRequest().getProtocol().equals("HTTP/1.1")) {
            // Tomcat would let such an answer end where the connection does, unless there can be trailers: then it
            // sends chunks.
            response.getServletResponse().setTrailerFields(Map::of);
        }
    }
}
