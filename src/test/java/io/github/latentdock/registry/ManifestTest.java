package io.github.latentdock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.autoencoder.ErrorQuantiles;
import io.github.latentdock.autoencoder.Kind;
import io.github.latentdock.autoencoder.Likelihood;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {

    private static final String SCRIPT = """
            {"name": "tiny", "kind": "vae", "format": "torchscript", "input": {"shape": [1, 28, 28]}, "latent": {"shape": [2]}}
            """;

    @Test
    void aManifestByHandNeedsLittle() {
        Manifest manifest = parse(TestModel.MANIFEST);

        assertThat(manifest.kind()).isEqualTo(Kind.AE);
        assertThat(manifest.format()).isEqualTo(Format.SAFETENSORS);
        assertThat(manifest.input().shape()).containsExactly(4);
        assertThat(manifest.latent().shape()).containsExactly(2);
        assertThat(manifest.version()).isNull();
        assertThat(manifest.files()).isEmpty();
        assertThat(manifest.errorQuantiles()).isNull();
    }

    @Test
    void likelihoodAndPriorHaveDefaults() {
        Manifest manifest = parse(TestModel.MANIFEST);

        assertThat(manifest.input().likelihood()).isEqualTo(Likelihood.GAUSSIAN);
        assertThat(manifest.latent().prior()).isEqualTo("standard-normal");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "\"shape\": [1, 28, 28]; 0 to 1",
                "\"shape\": [3, 28, 28]; 0 to 1",
                "\"shape\": [2, 28, 28]; unbounded",
                "\"shape\": [784]; unbounded",
                "\"shape\": [784], \"likelihood\": \"bernoulli\"; 0 to 1",
                "\"shape\": [1, 28, 28], \"range\": null; unbounded",
                "\"shape\": [1, 28, 28], \"range\": [-1, 1]; -1 to 1",
            })
    void imagesLieBetweenZeroAndOneUnlessToldOtherwise(String input, String range) {
        var found =
                parse(SCRIPT.replace("\"shape\": [1, 28, 28]", input)).input().range();

        assertThat(found == null ? "unbounded" : "%.0f to %.0f".formatted(found.low(), found.high()))
                .isEqualTo(range);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "\"name\": \"tiny\"; \"name\": \"Tiny\"; name is 'Tiny'",
                "\"name\": \"tiny\"; \"name\": \"../tiny\"; name is '../tiny'",
                "\"name\": \"tiny\",; ; name is missing",
                "\"kind\": \"vae\"; \"kind\": \"gan\"; kind is \"gan\", it must be one of ae, vae, ad",
                "\"kind\": \"vae\"; \"kind\": 3; kind is 3, it must be one of ae, vae, ad",
                "torchscript; pickle; format is \"pickle\", it must be one of safetensors, torchscript",
                "torchscript; safetensors; network is missing",
                "[1, 28, 28]; [1, 0]; input.shape is [1,0], it must be a list of 1 to 4 sizes",
                "[1, 28, 28]; []; input.shape is [], it must be",
                "[1, 28, 28]; [65536, 65536]; input.shape is [65536,65536], it must be",
                "[1, 28, 28]; \"28\"; input.shape is \"28\", it must be",
                "[1, 28, 28]; [1], \"range\": [1, 0]; input.range is [1,0], it must be two numbers",
                "[1, 28, 28]; [1], \"likelihood\": \"cauchy\"; input.likelihood is \"cauchy\"",
                "[1, 28, 28]; [1], \"likelihood\": \"bernoulli\", \"range\": [-1, 1]; input.likelihood is bernoulli, which needs",
                "[1, 28, 28]; [1], \"rnage\": [0, 1]; input.rnage is unknown here",
                "[2]; [2], \"prior\": \"uniform\"; latent.prior is 'uniform', it must be standard-normal or unit-ball",
                "{\"name\"; {\"licence\": \"MIT\", \"name\"; licence is unknown here",
                "{\"name\"; {\"version\": 0, \"name\"; version is 0, it must be a whole number from 1 on",
                "{\"name\"; {\"version\": 1.5, \"name\"; version is 1.5, it must be",
                "{\"name\"; {\"files\": {\"../x\": {}}, \"name\"; files.../x is unknown here",
                "{\"name\"; {\"files\": {\"model.pt\": {\"sha256\": \"abc\", \"bytes\": 3}}, \"name\"; files.model.pt.sha256 is 'abc'",
                "{\"name\"; {\"network\": {\"encoder\": 3}, \"name\"; network.encoder is 3, it must be a list of layers",
                "{\"name\"; {\"network\": {\"encoder\": [3]}, \"name\"; network.encoder[0] is 3",
                "{\"name\"; {\"metrics\": {\"errorQuantiles\": {\"0.5\": 2, \"0.9\": 1}}, \"name\"; metrics.errorQuantiles.0.9 is 1.0, less than",
                "{\"name\"; {\"metrics\": {\"errorQuantiles\": {\"0.5\": -2, \"0.9\": 1}}, \"name\"; metrics.errorQuantiles.0.5 is -2.0",
                "{\"name\"; {\"metrics\": {\"errorQuantiles\": {\"1.5\": 2, \"0.9\": 1}}, \"name\"; metrics.errorQuantiles.1.5 is no probability",
                "{\"name\"; {\"metrics\": {\"errorQuantiles\": {\"0.5\": 2}}, \"name\"; metrics.errorQuantiles needs at least two",
            })
    void aFaultIsToldByItsPath(String from, String to, String told) {
        Problem problem = refused(SCRIPT.replace(from, to == null ? "" : to));

        assertThat(problem.fault()).isEqualTo(Fault.INVALID);
        assertThat(problem.errors()).singleElement().satisfies(error -> {
            assertThat(error.detail()).startsWith(told);
            assertThat(told).startsWith(error.field());
        });
    }

    @Test
    void allFaultsAreToldAtOnce() {
        Problem problem = refused("{\"kind\": \"gan\", \"input\": {\"shape\": 3}, \"latent\": {}, \"extra\": 1}");

        assertThat(problem.errors())
                .extracting(Problem.FieldError::field)
                .containsExactlyInAnyOrder("extra", "name", "format", "kind", "input.shape", "latent.shape");
    }

    @Test
    void aNetworkThatDoesNotFitIsToldByTheLayer() {
        Problem problem = refused(TestModel.MANIFEST.replace("\"in_features\": 4", "\"in_features\": 5"));

        assertThat(problem.errors())
                .anySatisfy(error -> assertThat(error.field()).startsWith("network.encoder[0]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {"{\"name\": ", "[]", "{\"a\": 1, \"a\": 2}", "{} {}", "``"})
    void whatIsNotOneJsonObjectIsMalformed(String json) {
        assertThat(refused(json).fault()).isEqualTo(Fault.MALFORMED);
    }

    @Test
    void metricsAndProvenanceMayHoldAnything() {
        Manifest manifest = parse(TestModel.MANIFEST.replace(
                "{\"name\"", "{\"metrics\": {\"mse\": 0.5}, \"provenance\": {\"seed\": 7, \"new\": [1]}, \"name\""));

        assertThat(manifest.metrics()).containsEntry("mse", 0.5);
        assertThat(manifest.provenance()).containsEntry("seed", 7).containsKey("new");
    }

    @Test
    void errorQuantilesComeInOrder() {
        ErrorQuantiles quantiles = parse(TestModel.MANIFEST.replace(
                        "{\"name\"",
                        "{\"metrics\": {\"errorQuantiles\": {\"0.99\": 0.3, \"0.5\": 0.1, \"0.9\": 0.2}}, \"name\""))
                .errorQuantiles();

        assertThat(quantiles).isNotNull();
        assertThat(quantiles.toMap())
                .containsExactly(Map.entry("0.5", 0.1), Map.entry("0.9", 0.2), Map.entry("0.99", 0.3));
    }

    @Test
    void whatIsWrittenIsReadAsTheSame() {
        Manifest manifest = parse(TestModel.MANIFEST);

        byte[] written = JsonFields.JSON.writeValueAsBytes(manifest);

        assertThat(Manifest.parse(written).json()).isEqualTo(manifest.json());
    }

    private static Manifest parse(String json) {
        return Manifest.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static Problem refused(String json) {
        return catchThrowableOfType(Problem.class, () -> parse(json));
    }
}
