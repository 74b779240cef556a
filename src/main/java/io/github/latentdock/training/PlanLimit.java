package io.github.latentdock.training;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;

/** Plans are small, and {@link PlanReader} reads again and again what does not fit: other bodies may be longer. */
@RestControllerAdvice
@ConditionalOnTraining
final class PlanLimit extends RequestBodyAdviceAdapter {

    static final int MOST_BYTES = 1 << 20;

    @Override
    public boolean supports(MethodParameter parameter, Type body, Class<? extends HttpMessageConverter<?>> converter) {
        return body == PlanRequest.class;
    }

    @Override
    public HttpInputMessage beforeBodyRead(
            HttpInputMessage message,
            MethodParameter parameter,
            Type body,
            Class<? extends HttpMessageConverter<?>> converter)
            throws IOException {
        requireWithin(message.getHeaders().getContentLength());
        var bounded = new Bounded(message.getBody());
        return new HttpInputMessage() {
            @Override
            public InputStream getBody() {
                return bounded;
            }

            @Override
            public HttpHeaders getHeaders() {
                return message.getHeaders();
            }
        };
    }

    private static void requireWithin(long bytes) {
        if (bytes > MOST_BYTES) {
            throw Problem.of(
                    Fault.TOO_LARGE, "The plan has more than %d bytes, the most that is taken".formatted(MOST_BYTES));
        }
    }

    /** Of bodies whose length nobody announced. */
    private static final class Bounded extends FilterInputStream {

        private long read;

        Bounded(InputStream in) {
            super(in);
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
        }
    }
}
