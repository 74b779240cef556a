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
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Bounds the body of every request, whatever its path, in bytes and in the time it may take to arrive, and counts it to the
 * {@link RequestMemory}. Multipart uploads are streamed to disk and have limits of their own; they may take longer as long as
 * they come on.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10) // Before any filter that might read a body, after the one that measures.
final class BodyLimit extends OncePerRequestFilter {

    /** A byte of a body is held twice: as it came, and as numbers. */
    private static final int COPIES = 2;

    /** What an upload that takes longer than other bodies may must bring on the average. */
    private static final long UPLOAD_BYTES_PER_SECOND = 128 << 10;

    private final long limit;
    private final long nanos;
    private final RequestMemory memory;
    private final InferenceMeters meters;
    private final HandlerExceptionResolver problems;

    BodyLimit(
            InferenceProperties properties,
            RequestMemory memory,
            InferenceMeters meters,
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
        this.limit = Math.min(properties.maxBody().toBytes(), memory.most() / COPIES);
        this.nanos = properties.bodyTimeout().toNanos();
        this.memory = memory;
        this.meters = meters;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ClientConnection connection = ClientConnection.of(request);
        try (RequestMemory.Share share = memory.open(request)) {
            if (isMultipart(request)) {
                if (!request.getServletPath().startsWith("/v1/")) {
                    throw Problem.of(Fault.UNSUPPORTED_CONTENT, "Multipart uploads are not read here");
                }
                connection.watchBody(uploadWatch(request));
                chain.doFilter(request, response);
            } else {
                long announced = Math.max(0, request.getContentLengthLong());
                requireWithin(announced);
                // Only looked at: what is announced and not sent shall not keep others out.
                share.requireRoom(COPIES * announced);
                connection.watchBody(watch(request));
                chain.doFilter(new Limited(request, share), response);
            }
        } catch (Problem problem) {
            problems.resolveException(request, response, null, problem);
        } finally {
            // Most clients read an answer only when they have sent all of their body.
            connection.swallowBody(watch());
        }
    }

    private static boolean isMultipart(HttpServletRequest request) {
        String type = request.getContentType();
        return type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/");
    }

    /** A body that waits for nothing but its time. */
    private BodyArrival.Patience watch() {
        long start = System.nanoTime();
        return bytes -> System.nanoTime() - start > nanos ? late("The body was not there within %s s") : null;
    }

    /** The time of an API's request runs while its body arrives. */
    private BodyArrival.Patience watch(HttpServletRequest request) {
        BodyArrival.Patience clock = watch();
        return bytes -> {
            Call call = call(request);
            return call == null || call.isWanted() ? clock.end(bytes) : meters.counted(call.whyUnwanted());
        };
    }

    /** An upload has time as long as it comes on, but not when the service goes away. */
    private BodyArrival.Patience uploadWatch(HttpServletRequest request) {
        long start = System.nanoTime();
        return bytes -> {
            Call call = call(request);
            RuntimeException givenUp = call == null ? null : call.givenUp();
            if (givenUp != null) {
                return meters.counted(givenUp);
            }
            double seconds = (System.nanoTime() - start - nanos) / 1e9;
            return seconds > (double) bytes / UPLOAD_BYTES_PER_SECOND
                    ? late("After %%s s the upload came at less than %d bytes per second"
                            .formatted(UPLOAD_BYTES_PER_SECOND))
                    : null;
        };
    }

    private static @Nullable Call call(HttpServletRequest request) {
        return request.getAttribute(InferenceInterceptor.CALL) instanceof Call call ? call : null;
    }

    private Problem late(String detail) {
        return Problem.of(Fault.REQUEST_TIMEOUT, detail.formatted(nanos / 1e9));
    }

    private void requireWithin(long bytes) {
        if (bytes > limit) {
            throw Problem.of(
                    Fault.TOO_LARGE, "The body has more than %d bytes, the most that is taken".formatted(limit));
        }
    }

    private final class Limited extends HttpServletRequestWrapper {

        private final RequestMemory.Share share;
        private @Nullable Counted counted;

        Limited(HttpServletRequest request, RequestMemory.Share share) {
            super(request);
            this.share = share;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            Counted stream = counted;
            if (stream == null) {
                stream = new Counted(super.getInputStream(), share);
                counted = stream;
            }
            return stream;
        }

        @Override
        public BufferedReader getReader() throws IOException {
            String encoding = getCharacterEncoding();
            return new BufferedReader(
                    new InputStreamReader(getInputStream(), encoding == null ? "ISO-8859-1" : encoding));
        }
    }

    private final class Counted extends ServletInputStream {

        private final ServletInputStream in;
        private final RequestMemory.Share share;
        private long read;

        Counted(ServletInputStream in, RequestMemory.Share share) {
            this.in = in;
            this.share = share;
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int count = in.read(bytes, from, length);
            count(Math.max(0, count));
            return count;
        }

        private void count(int bytes) {
            read += bytes;
            requireWithin(read);
            share.take((long) COPIES * bytes);
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
