package io.github.latentdock.inference;

import io.github.latentdock.tensor.WireFormat;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotReadableException;

/** Answers a {@link TensorResponse} as raw float32, .npy or a picture. */
final class TensorResponseConverter extends AbstractHttpMessageConverter<TensorResponse> {

    TensorResponseConverter() {
        super(Arrays.stream(WireFormat.values())
                .map(format -> MediaType.valueOf(format.contentType()))
                .toArray(MediaType[]::new));
    }

    @Override
    protected boolean supports(Class<?> type) {
        return TensorResponse.class.isAssignableFrom(type);
    }

    @Override
    public boolean canRead(Class<?> type, @Nullable MediaType mediaType) {
        return false;
    }

    @Override
    protected TensorResponse readInternal(Class<? extends TensorResponse> type, HttpInputMessage message) {
        throw new HttpMessageNotReadableException("Answers are written only", message);
    }

    @Override
    protected void writeInternal(TensorResponse response, HttpOutputMessage message) throws IOException {
        MediaType type = Objects.requireNonNull(message.getHeaders().getContentType());
        WireFormat format = WireFormat.of(type.toString());
        // Refused before the first byte, so that the refusal can still be told.
        format.requireRowShape(response.tensor().rowShape());
        format.write(response.tensor(), response.range(), response.columns(), message.getBody());
    }
}
