package io.github.latentdock.serving;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.latentdock.client.model.DecodeRequest;
import io.github.latentdock.client.model.EncodeRequest;
import io.github.latentdock.client.model.EncodeResponse;
import io.github.latentdock.client.model.InstancesRequest;
import io.github.latentdock.client.model.InstancesResponse;
import io.github.latentdock.client.model.InterpolateRequest;
import io.github.latentdock.client.model.InterpolateResponse;
import io.github.latentdock.client.model.OptimizeRequest;
import io.github.latentdock.client.model.OptimizeResponse;
import io.github.latentdock.client.model.Problem;
import io.github.latentdock.client.model.ReconstructResponse;
import io.github.latentdock.client.model.SampleRequest;
import io.github.latentdock.client.model.SampleResponse;
import io.github.latentdock.client.model.ScoreRequest;
import io.github.latentdock.client.model.ScoreResponse;
import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Npz;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.web.client.HttpClientErrorException;
import tools.jackson.databind.json.JsonMapper;

/** All operations of models, with PyTorch's numbers and the tolerances of {@link ReferenceTest}. */
class GeneratedClientTest extends GeneratedClient {

    private static final String AE = "fashion-ae";
    private static final String AD = "fashion-ad";
    private static final float OF_LATENTS = 2e-5f;

    @Test
    void everyOperationIsCalled() {
        assertThat(Stream.of(
                                GeneratedClientTest.class,
                                GeneratedClientModelsTest.class,
                                GeneratedClientDatasetsTest.class,
                                GeneratedClientTrainingsTest.class)
                        .flatMap(tests -> Arrays.stream(tests.getDeclaredMethods()))
                        .map(test -> test.getAnnotation(Calls.class))
                        .filter(Objects::nonNull)
                        .flatMap(calls -> Arrays.stream(calls.value()))
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(OpenApi.of(http).operationIds());
    }

    @Test
    @Calls({"encode", "encodeWithVersion"})
    void encodes() {
        var request = new EncodeRequest().instances(rows(VAE, "x"));
        for (EncodeResponse answer : List.of(
                inference.encode(VAE, request, null, null, null, null, null),
                versions.encodeWithVersion(VAE, "1", request, null, null, null, null, null))) {
            assertClose(answer.getLatents(), expected(VAE).get("mean").values(), OF_LATENTS);
            assertClose(
                    requireNonNull(answer.getLogVariances()),
                    expected(VAE).get("log_variance").values(),
                    OF_LATENTS);
        }
    }

    @Test
    @Calls({"decode", "decodeWithVersion"})
    void decodes() {
        var request = new DecodeRequest().latents(rows(VAE, "z_random"));
        for (InstancesResponse answer : List.of(
                inference.decode(VAE, request, 20_000), versions.decodeWithVersion(VAE, "1", request, 20_000))) {
            assertClose(
                    answer.getInstances(), expected(VAE).get("decoded_random").values(), OF_PIXELS);
        }
    }

    @Test
    @Calls({"reconstruct", "reconstructWithVersion"})
    void reconstructs() {
        var request = new InstancesRequest().instances(rows(AE, "x"));
        for (ReconstructResponse answer : List.of(
                inference.reconstruct(AE, request, null, null, null),
                versions.reconstructWithVersion(AE, "1", request, null, null, null))) {
            assertClose(
                    answer.getInstances(), expected(AE).get("reconstruction").values(), OF_PIXELS);
            assertThat(answer.getErrors()).hasSize(8);
            assertThat(answer.getErrors().getLast()).isCloseTo(errorOfLast(), within(1e-6f));
        }
    }

    @Test
    @Calls({"denoise", "denoiseWithVersion"})
    void denoises() {
        var request = new InstancesRequest().instances(rows(AE, "x"));
        for (InstancesResponse answer : List.of(
                inference.denoise(AE, request, null, null),
                versions.denoiseWithVersion(AE, "default", request, null, null))) {
            assertClose(
                    answer.getInstances(), expected(AE).get("reconstruction").values(), OF_PIXELS);
        }
    }

    /** The mean of 256 draws from a standard normal has a standard deviation of 1/16; of 16 of them none strays by five. */
    @Test
    @Calls({"sample", "sampleWithVersion"})
    void samples() {
        var request = new SampleRequest().count(256).seed(7L).source(SampleRequest.SourceEnum.PRIOR);
        SampleResponse answer = inference.sample(VAE, request, null);
        SampleResponse again = versions.sampleWithVersion(VAE, "1", request, null);
        assertThat(answer).isEqualTo(again);
        assertThat(answer.getSeed()).isEqualTo(7);
        assertThat(answer.getSource()).isEqualTo(SampleResponse.SourceEnum.PRIOR);
        assertThat(answer.getInstances()).hasSize(256);
        float[] latents = numbers(answer.getLatents());
        for (int column = 0; column < 16; column++) {
            double mean = 0;
            for (int row = 0; row < 256; row++) {
                mean += latents[row * 16 + column] / 256;
            }
            assertThat(mean).isBetween(-5 / 16.0, 5 / 16.0);
        }
    }

    @Test
    @Calls({"interpolate", "interpolateWithVersion"})
    void interpolates() {
        float[] z = expected(VAE).get("z_random").values();
        var request = new InterpolateRequest()
                .from(List.of(Http.nested(Arrays.copyOf(z, 16), 16)))
                .to(List.of(Http.nested(Arrays.copyOfRange(z, 16, 32), 16)))
                .steps(3);
        for (InterpolateResponse answer : List.of(
                inference.interpolate(VAE, request, null, null),
                versions.interpolateWithVersion(VAE, "1", request, null, null))) {
            float[] points = numbers(answer.getLatents());
            assertThat(points).hasSize(3 * 16);
            for (int i = 0; i < 16; i++) {
                assertThat(points[16 + i]).isCloseTo((z[i] + z[16 + i]) / 2, within(1e-6f));
            }
            float[] instances = numbers(answer.getInstances());
            float[] ends = expected(VAE).get("decoded_random").values();
            assertThat(instances).hasSize(3 * 784);
            assertClose(Arrays.copyOf(instances, 784), Arrays.copyOf(ends, 784), OF_PIXELS);
            assertClose(
                    Arrays.copyOfRange(instances, 2 * 784, 3 * 784), Arrays.copyOfRange(ends, 784, 2 * 784), OF_PIXELS);
        }
    }

    @Test
    @Calls({"score", "scoreWithVersion"})
    void scores() {
        var request = new ScoreRequest().instances(rows(AE, "x")).falseAlarmRate(0.01);
        for (ScoreResponse answer : List.of(
                inference.score(AE, request, null, null, null),
                versions.scoreWithVersion(AE, "1", request, null, null, null))) {
            assertThat(answer.getScores().getLast()).isCloseTo(errorOfLast(), within(1e-6f));
            assertThat(answer.getQuantiles())
                    .hasSize(8)
                    .allSatisfy(share -> assertThat(share).isBetween(0.0, 1.0));
            assertThat(answer.getAnomalous())
                    .isEqualTo(requireNonNull(answer.getQuantiles()).stream()
                            .map(share -> share > 0.99)
                            .toList());
        }
    }

    /** Within one percent of what 800 steps of Adam reach in PyTorch, as {@link OptimizeTest} has it. */
    @Test
    @Calls({"optimize", "optimizeWithVersion"})
    void optimizes() {
        var request = new OptimizeRequest()
                .instances(rows(AD, "fit_x"))
                .mask(rows(AD, "fit_mask_top_half"))
                .loss(OptimizeRequest.LossEnum.SQUARED)
                .prior(0.01)
                .seed(1L);
        double adam = 0;
        for (float objective : expected(AD).get("fit_masked_objective_adam800").values()) {
            adam += objective;
        }
        for (OptimizeResponse answer : List.of(
                inference.optimize(AD, request, null, null, null, null, null, null, null, null),
                versions.optimizeWithVersion(AD, "1", request, null, null, null, null, null, null, null, null))) {
            assertThat(answer.getObjectives().stream()
                            .mapToDouble(Double::doubleValue)
                            .sum())
                    .isLessThan(1.01 * adam);
            assertThat(numbers(answer.getLatents())).hasSize(8 * 32);
            assertThat(numbers(answer.getInstances())).hasSize(8 * 784);
            assertThat(answer.getIterations())
                    .hasSize(8)
                    .allSatisfy(count -> assertThat(count).isPositive());
            assertThat(answer.getConverged()).hasSize(8);
        }
    }

    @Test
    @Calls("encode")
    void readsProblems() {
        var request = new EncodeRequest().instances(List.of(List.of(1, 2, 3)));
        var refused = catchThrowableOfType(
                HttpClientErrorException.class, () -> inference.encode(AE, request, null, null, null, null, null));
        assertThat(refused.getStatusCode().value()).isEqualTo(422);
        Problem problem = JsonMapper.shared().readValue(refused.getResponseBodyAsByteArray(), Problem.class);
        assertThat(problem.getType()).isEqualTo("urn:latentdock:problem:invalid");
        assertThat(problem.getStatus()).isEqualTo(422);
        assertThat(problem.getDetail()).isEqualTo("instances[0] has shape [3], model needs [1, 28, 28]");
        assertThat(requireNonNull(problem.getErrors()).getFirst().getField()).isEqualTo("instances[0]");
    }

    private static float errorOfLast() {
        Npz expected = expected(AE);
        float[] x = expected.get("x").row(7);
        float[] y = expected.get("reconstruction").row(7);
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (x[i] - y[i]) * (x[i] - y[i]);
        }
        return (float) (sum / x.length);
    }
}
