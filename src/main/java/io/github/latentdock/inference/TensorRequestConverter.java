package io.github.latentdock.inference;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import io.github.latentdock.tensor.Payload;
import io.github.latentdock.tensor.WireFormat;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads a {@link TensorRequest} whose body is raw float32, .npy or a picture, its options being query parameters. */
final class TensorRequestConverter extends AbstractHttpMessageConverter<TensorRequest> {

    private static final int READ_AT_ONCE = 1 << 14;

    /** Options of a query are texts, also those that are numbers. */
    private final JsonMapper texts;

    TensorRequestConverter(JsonMapper json) {
        super(Arrays.stream(WireFormat.values())
                .map(format -> MediaType.valueOf(format.contentType()))
                .toArray(MediaType[]::new));
        this.texts =
                json.rebuild().enable(MapperFeature.ALLOW_COERCION_OF_SCALARS).build();
    }

    @Override
    protected boolean supports(Class<?> type) {
        return TensorRequest.class.isAssignableFrom(type) && type.isRecord();
    }

    @Override
    public boolean canWrite(Class<?> type, @Nullable MediaType mediaType) {
        return false;
    }

    @Override
    protected TensorRequest readInternal(Class<? extends TensorRequest> type, HttpInputMessage message)
            throws IOException {
        HttpServletRequest request =
                ((ServletRequestAttributes) RequestContextHolder.currentRequestAttributes()).getRequest();
        MediaType contentType = message.getHeaders().getContentType();
        if (contentType == null) {
            // Spring takes what has no type for octets, which would be read as numbers whatever they are.
            throw Problem.of(
                    Fault.UNSUPPORTED_CONTENT,
                    "The content type is missing; one of application/json, %s is needed"
                            .formatted(Arrays.stream(WireFormat.values())
                                    .map(WireFormat::contentType)
                                    .collect(Collectors.joining(", "))));
        }
        Payload rows = WireFormat.of(contentType.toString())
                .payload(body(message.getBody(), message.getHeaders().getContentLength()));
        RequestMemory.of(request).take(rows.unpackedBytes());
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] values = new Object[components.length];
        values[0] = rows;
        for (int i = 1; i < components.length; i++) {
            values[i] = option(components[i], request);
        }
        return create(type, components, values);
    }

    /** A short body is read without being copied about. A long one is given memory as it comes, not as it is announced. */
    private static byte[] body(InputStream in, long length) throws IOException {
        if (length < 0 || length > READ_AT_ONCE) {
            return in.readAllBytes();
        }
        byte[] bytes = new byte[(int) length];
        int read = in.readNBytes(bytes, 0, bytes.length);
        return read == bytes.length ? bytes : Arrays.copyOf(bytes, read);
    }

    private @Nullable Object option(RecordComponent component, HttpServletRequest request) {
        String value = request.getParameter(component.getName());
        if (value == null) {
            return null;
        }
        if (value.isEmpty()) {
            throw Problem.malformed(
                    component.getName(), "%s is empty; without it, there is a default".formatted(component.getName()));
        }
        try {
            return texts.convertValue(value, texts.constructType(component.getGenericType()));
        } catch (JacksonException | IllegalArgumentException e) {
            throw Problem.malformed(
                    component.getName(),
                    "%s is '%s', %s is needed"
                            .formatted(component.getName(), Words.shortened(value), Words.needed(component.getType())));
        }
    }

    private static TensorRequest create(
            Class<? extends TensorRequest> type, RecordComponent[] components, @Nullable Object[] values) {
        try {
            Constructor<? extends TensorRequest> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Problem problem) {
                throw problem;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected void writeInternal(TensorRequest request, HttpOutputMessage message) {
        throw new HttpMessageNotWritableException("Requests are read only");
    }
}
