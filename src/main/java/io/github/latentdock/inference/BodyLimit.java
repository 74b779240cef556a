package io.github.latentdock.inference;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Bounds the body of every request, and of all requests under way together, so that no crowd of large ones can exhaust the
 * heap. Multipart uploads are streamed to disk and have limits of their own.
 */
@Component
final class BodyLimit extends OncePerRequestFilter {

    private final long limit;
    private final long totalLimit;
    private final AtomicLong total = new AtomicLong();
    private final InferenceMeters meters;
    private final HandlerExceptionResolver problems;

    BodyLimit(
            InferenceProperties properties,
            InferenceMeters meters,
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
        this.limit = properties.maxBody().toBytes();
        this.totalLimit = properties.maxBodies().toBytes();
        this.meters = meters;
        this.problems = problems;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String type = request.getContentType();
        return !request.getRequestURI().startsWith("/v1/") || (type != null && type.startsWith("multipart/"));
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var body = new Body();
        try {
            body.reserve(Math.max(0, request.getContentLengthLong()));
            chain.doFilter(new Limited(request, body), response);
        } catch (Problem problem) {
            problems.resolveException(request, response, null, problem);
        } finally {
            total.addAndGet(-body.reserved);
        }
    }

    /** What one request's body takes of the limits. */
    private final class Body {
        private long reserved;
        private long read;

        void reserve(long bytes) {
            if (bytes > limit) {
                throw Problem.of(
                        Fault.TOO_LARGE, "The body has more than %d bytes, the most that is taken".formatted(limit));
            }
            long more = bytes - reserved;
            if (total.addAndGet(more) > totalLimit) {
                total.addAndGet(-more);
                meters.rejected("bodies-full");
                throw Problem.of(
                        Fault.OVERLOADED,
                        "The bodies of the requests under way fill their %d bytes".formatted(totalLimit));
            }
            reserved = bytes;
        }

        int count(int bytes) {
            read += Math.max(0, bytes);
            if (read > reserved) {
                reserve(read);
            }
            return bytes;
        }
    }

    private static final class Limited extends HttpServletRequestWrapper {

        private final Body body;

        Limited(HttpServletRequest request, Body body) {
            super(request);
            this.body = body;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new Counted(super.getInputStream(), body);
        }
    }

    private static final class Counted extends ServletInputStream {

        private final ServletInputStream in;
        private final Body body;

        Counted(ServletInputStream in, Body body) {
            this.in = in;
            this.body = body;
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            body.count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            return body.count(in.read(bytes, from, length));
        }

        @Override
        public boolean isFinished() {
            return in.isFinished();
        }

        @Override
        public boolean isReady() {
            return in.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            in.setReadListener(listener);
        }
    }
}
