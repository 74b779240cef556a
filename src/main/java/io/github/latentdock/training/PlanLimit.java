package io.github.latentdock.training;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.ByteArrayInputStream;
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
        byte[] plan = message.getBody().readNBytes(MOST_BYTES + 1);
        if (plan.length > MOST_BYTES) {
            throw Problem.of(
                    Fault.TOO_LARGE, "The plan has more than %d bytes, the most that is taken".formatted(MOST_BYTES));
        }
        return new Read(new ByteArrayInputStream(plan), message.getHeaders());
    }

    private record Read(InputStream getBody, HttpHeaders getHeaders) implements HttpInputMessage {}
}
