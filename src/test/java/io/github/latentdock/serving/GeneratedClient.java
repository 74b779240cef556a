package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.client.ApiClient;
import io.github.latentdock.client.api.DatasetsApi;
import io.github.latentdock.client.api.InferenceApi;
import io.github.latentdock.client.api.InferenceWithAVersionApi;
import io.github.latentdock.client.api.ModelsApi;
import io.github.latentdock.client.api.TrainingsApi;
import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Npz.Array;
import io.github.latentdock.testing.RunningService;
import java.io.File;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.http.HttpHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotWritableException;
import tools.jackson.databind.json.JsonMapper;

/** The running service through the client that openapi-generator makes of {@code docs/openapi.json}. */
abstract class GeneratedClient extends RunningService {

    protected static final String VAE = "fashion-vae";

    /** Of pixels, as in {@link ReferenceTest}. */
    protected static final float OF_PIXELS = 2e-6f;

    private final Set<String> called = new ConcurrentSkipListSet<>();
    protected InferenceApi inference = new InferenceApi();
    protected InferenceWithAVersionApi versions = new InferenceWithAVersionApi();
    protected ModelsApi models = new ModelsApi();
    protected DatasetsApi datasets = new DatasetsApi();
    protected TrainingsApi trainings = new TrainingsApi();

    /** The operations that a test calls. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Calls {
        String[] value();
    }

    @BeforeEach
    void connect() {
        OpenApi api = OpenApi.of(http);
        ApiClient client = new ApiClient(ApiClient.buildRestClientBuilder()
                        .configureMessageConverters(converters -> converters.addCustomConverter(new Files()))
                        .requestInterceptor((request, body, execution) -> {
                            api.operation(
                                            request.getMethod().name(),
                                            request.getURI().getPath())
                                    .ifPresent(operation -> called.add(operation.id()));
                            return execution.execute(request, body);
                        })
                        .build())
                .setBasePath(http.request("").build().uri().toString());
        inference = new InferenceApi(client);
        versions = new InferenceWithAVersionApi(client);
        models = new ModelsApi(client);
        datasets = new DatasetsApi(client);
        trainings = new TrainingsApi(client);
    }

    @AfterEach
    void aTestCallsWhatItSays(TestInfo test) {
        Calls calls = test.getTestMethod().orElseThrow().getAnnotation(Calls.class);
        if (calls != null) {
            assertThat(called).containsExactlyInAnyOrder(calls.value());
        }
    }

    protected static List<Object> rows(String model, String array) {
        Array rows = expected(model).get(array);
        return Arrays.asList((Object[]) Http.nested(rows.values(), rows.shape()));
    }

    protected static float[] numbers(List<?> nested) {
        return new Http.Answer(
                        200,
                        HttpHeaders.of(Map.of(), (name, value) -> true),
                        JsonMapper.shared().writeValueAsBytes(Map.of("numbers", nested)))
                .floats("numbers");
    }

    protected static void assertClose(List<?> nested, float[] expected, float tolerance) {
        assertClose(numbers(nested), expected, tolerance);
    }

    protected static void assertClose(float[] actual, float[] expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(tolerance));
        }
    }

    /** Bodies that are not JSON are files to the generated client, which leaves it to its user to write them. */
    private static final class Files extends AbstractHttpMessageConverter<File> {

        Files() {
            super(MediaType.IMAGE_PNG);
        }

        @Override
        protected boolean supports(Class<?> type) {
            return type == File.class;
        }

        @Override
        protected File readInternal(Class<? extends File> type, HttpInputMessage message) throws IOException {
            File file = File.createTempFile("answer", ".png");
            file.deleteOnExit();
            java.nio.file.Files.write(file.toPath(), message.getBody().readAllBytes());
            return file;
        }

        @Override
        protected void writeInternal(File file, HttpOutputMessage message) {
            throw new HttpMessageNotWritableException("Pictures are read only");
        }
    }
}
