package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Multipart;
import io.github.latentdock.testing.RunningService;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every mistake of a client is answered with a problem that says what was wrong and what would be right. */
class ProblemsTest extends RunningService {

    private static final String PROBLEM = "application/problem+json";
    private static final String LATENT = numbers(32);
    private static final String PICTURE = "[[[%s]]]"
            .formatted(String.join(
                    "],[",
                    IntStream.range(0, 28)
                            .mapToObj(i -> numbers(28).substring(1, numbers(28).length() - 1))
                            .toList()));

    static Stream<Arguments> badBodies() {
        return Stream.of(
                bad(
                        "fashion-ae/encode",
                        "{\"instances\": [[1,2,3]]}",
                        422,
                        "instances[0]",
                        "has shape [3], model needs [1, 28, 28]"),
                bad("fashion-ae/encode", "{\"instances\": []}", 422, "instances", "empty"),
                bad("fashion-ae/encode", "{\"instances\": 3}", 400, "instances", "list"),
                bad("fashion-ae/encode", "null", 400, "body", "body is missing, an object such as {\"instances\": …}"),
                bad("fashion-ae/sample", "null", 400, "body", "body is missing, an object such as {\"count\": …}"),
                bad("fashion-ae/encode", "{}", 422, "instances", "instances is missing"),
                bad("fashion-ae/encode", "{\"instances\": null}", 422, "instances", "instances is missing"),
                bad("fashion-ae/encode", "{\"instance\": [[1]]}", 400, "instance", "There is no field instance"),
                bad(
                        "fashion-ae/encode",
                        "{\"instances\": [" + PICTURE + "], \"draw\": \"perhaps\"}",
                        400,
                        "draw",
                        "draw must be true or false"),
                bad("fashion-ae/decode", "{\"latents\": [" + LATENT + ", [1, 2]]}", 422, "latents[1]", "2 values"),
                bad("fashion-ae/decode", "{\"latents\": [[\"a\"]]}", 400, "latents[0][0]", "number"),
                bad("fashion-ae/decode", "{\"latents\": [[true]]}", 400, "latents[0][0]", "number"),
                bad("fashion-ae/decode", "{\"latents\": [[1e39]]}", 422, "latents[0][0]", "float32"),
                bad("fashion-ae/decode", "{\"latents\": [" + numbers(16) + "]}", 422, "latents[0]", "[32]"),
                bad("fashion-ae/sample", "{\"count\": 0}", 422, "count", "1 to 1024"),
                bad("fashion-ae/sample", "{\"count\": 2000000}", 422, "count", "1 to 1024"),
                bad("fashion-ae/sample", "{\"count\": 1.5}", 400, "count", "a whole number"),
                bad(
                        "fashion-ae/sample",
                        "{\"count\": 1, \"sed\": 3}",
                        400,
                        "sed",
                        "There is no field sed; there are count, seed"),
                bad("fashion-ae/sample", "{\"count\": [1]}", 400, "count", "a whole number"),
                bad("fashion-ae/sample", "{\"count\": {}}", 400, "count", "a whole number"),
                bad("fashion-ae/sample", "[]", 400, "body", "an object such as {\"count\": …}"),
                bad("fashion-ae/interpolate", "3", 400, "body", "an object such as {\"from\": …, \"to\": …}"),
                bad("fashion-ae/sample", "{}", 422, "count", "count is missing"),
                bad("fashion-ae/sample", "{\"count\": 1, \"temperature\": -1}", 422, "temperature", "0 to 10"),
                bad(
                        "fashion-ae/sample",
                        "{\"count\": 1, \"source\": \"posterior\"}",
                        400,
                        "source",
                        "one of prior, gaussian, mixture"),
                bad("fashion-ae/interpolate", "{\"from\": [[1]], \"to\": [[1]]}", 422, "from", "neither latents [32]"),
                bad("fashion-ae/interpolate", "{\"from\": [" + LATENT + "]}", 422, "to", "to is missing"),
                bad(
                        "fashion-ae/interpolate",
                        "{\"from\": [" + LATENT + "], \"to\": [" + LATENT + "," + LATENT + "]}",
                        422,
                        "to",
                        "to has 2 rows, from has 1"),
                bad(
                        "fashion-ae/interpolate",
                        "{\"from\": [" + LATENT + "], \"to\": [" + LATENT + "], \"steps\": 1}",
                        422,
                        "steps",
                        "2 to 1024"),
                bad(
                        "fashion-ae/score",
                        "{\"instances\": [" + PICTURE + "], \"falseAlarmRate\": 1}",
                        422,
                        "falseAlarmRate",
                        "above 0 and below 1"),
                bad(
                        "fashion-ae/score",
                        "{\"instances\": [" + PICTURE + "], \"falseAlarmRate\": 0}",
                        422,
                        "falseAlarmRate",
                        "above 0 and below 1"),
                bad(
                        "fashion-ad/optimize",
                        "{\"instances\": [" + PICTURE + "], \"mask\": [[1]]}",
                        422,
                        "mask[0]",
                        "[1, 28, 28]"),
                bad(
                        "fashion-ad/optimize",
                        "{\"instances\": [" + PICTURE + "], \"mask\": [" + PICTURE.replace("0.5", "0.7") + "]}",
                        422,
                        "mask[0]",
                        "1 (observed) or 0"),
                bad("fashion-ad/optimize", "{\"instances\": [" + PICTURE + "], \"prior\": -1}", 422, "prior", "0.0 to"),
                bad(
                        "fashion-ad/optimize",
                        "{\"instances\": [" + PICTURE + "], \"maxIterations\": 0}",
                        422,
                        "maxIterations",
                        "1 to 10000"),
                bad(
                        "fashion-ad/optimize",
                        "{\"instances\": [" + PICTURE + "], \"starts\": 1000}",
                        422,
                        "starts",
                        "1 to 64"),
                bad(
                        "fashion-ad/optimize",
                        "{\"instances\": [" + PICTURE + "], \"loss\": \"l1\"}",
                        400,
                        "loss",
                        "one of squared, likelihood"));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("badBodies")
    void aBadBodyIsRefusedByField(String operation, String body, int status, String field, String detail) {
        Answer answer = http.post("/v1/models/" + operation, "application/json", body.getBytes(StandardCharsets.UTF_8));
        assertProblem(answer, status);
        assertThat(answer.json().path("errors").path(0).path("field").asString())
                .as(answer.text())
                .isEqualTo(field);
        assertThat(answer.json().path("detail").asString()).contains(detail);
    }

    @Test
    void aMisspeltFieldIsToldWithTheOneThatIsMissing() {
        Answer answer = post("fashion-ae/encode", "application/json", "{\"instance\": [[1]], \"sed\": {\"a\": 1}}");

        assertProblem(answer, 400);
        assertThat(answer.json()
                        .path("errors")
                        .valueStream()
                        .map(error -> error.path("detail").asString()))
                .containsExactly(
                        "There is no field instance; there are draw, groups, instances, seed",
                        "There is no field sed; there are draw, groups, instances, seed",
                        "instances is missing");
    }

    @Test
    void ofManyUnknownFieldsOnlySomeAreTold() {
        String fields =
                IntStream.range(0, 1000).mapToObj("\"f%d\": 1"::formatted).collect(Collectors.joining(", "));
        String query = IntStream.range(0, 500).mapToObj("f%d=1"::formatted).collect(Collectors.joining("&"));

        Answer body = post("fashion-ae/encode", "application/json", "{%s}".formatted(fields));
        assertProblem(body, 400);
        assertThat(body.json().path("errors")).hasSize(11);
        Answer parameters = post("fashion-ae/encode?" + query, "image/png", "");
        assertProblem(parameters, 400);
        assertThat(parameters.json().path("errors")).hasSize(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "encode?draw=perhaps       | draw      | draw is 'perhaps', true or false is needed",
                "encode?seed=x             | seed      | seed is 'x', a whole number is needed",
                "encode?seed=99999999999999999999 | seed | a whole number is needed",
                "encode?optimize=perhaps   | optimize  | optimize is 'perhaps', true or false is needed",
                "optimize?prior=much       | prior     | prior is 'much', a number is needed",
                "optimize?loss=l1          | loss      | loss is 'l1', one of squared, likelihood is needed",
                "optimize?mask=1           | mask      | mask cannot be a query parameter",
                "optimize?iterations=3     | iterations | There is no query parameter 'iterations' here; there are loss, maxIterations, prior, resize, seed, starts, tolerance",
                "denoise?optimise=true     | optimise  | There is no query parameter 'optimise' here; there is resize",
                "decode?temperature=1      | temperature | There is no query parameter 'temperature' here; there are none"
            })
    void aBadQueryParameterIsRefusedByName(String operation, String field, String detail) {
        Answer answer = post("fashion-ae/" + operation, "application/octet-stream", "\0".repeat(3136));

        assertProblem(answer, 400);
        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo(field);
        assertThat(answer.json().path("detail").asString()).contains(detail);
    }

    @Test
    void anOptionOfAJsonBodyIsNotAQueryParameter() {
        String body = "{\"instances\": [%s]}".formatted(PICTURE);
        Answer option = post("fashion-ae/encode?draw=true&x=1", "application/json", body);

        assertProblem(option, 400);
        assertThat(option.json()
                        .path("errors")
                        .valueStream()
                        .map(error -> error.path("detail").asString()))
                .containsExactly(
                        "draw belongs into the JSON body; as a query parameter it does nothing",
                        "There is no query parameter 'x' here; there are optimize, resize");
        assertProblem(post("fashion-ae/sample?count=1", "application/json", "{\"count\": 1}"), 400);
        assertThat(post("fashion-ae/encode?optimize=true&resize=true", "application/json", body)
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/models",
                "/v1/models/fashion-ae",
                "/v1/datasets",
                "/v1/datasets/x",
                "/v1/trainings",
                "/v1/trainings/x",
                "/v1/trainings/x/metrics"
            })
    void aQueryParameterThatDoesNothingIsRefusedEverywhere(String path) {
        Answer answer = http.get(path + "?state=FAILED");

        assertProblem(answer, 400);
        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("state");
        assertThat(answer.json().path("detail").asString()).startsWith("There is no query parameter 'state' here");
    }

    @Test
    void aQueryParameterThatDoesNothingIsRefusedWhenSomethingIsChanged() {
        assertProblem(http.post("/v1/trainings/x/cancel?x=1", java.util.Map.of()), 400);
        byte[] dataset = new Multipart()
                .field("name", "queried")
                .file("file", "x.csv", "1,2\n".getBytes(StandardCharsets.UTF_8))
                .bytes();
        assertProblem(http.post("/v1/datasets?header=false", Multipart.CONTENT_TYPE, dataset), 400);
        assertProblem(http.delete("/v1/datasets/x?force=true"), 400);
    }

    @Test
    void littleIsEchoed() {
        String much = "a".repeat(3000);
        for (String path : List.of("models/", "datasets/", "trainings/", "models/fashion-ae/versions/", "nothing/")) {
            Answer answer = http.get("/v1/" + path + much);
            assertProblem(answer, 404);
            assertThat(answer.json().path("detail").asString()).contains("a…").hasSizeLessThan(400);
        }
    }

    @Test
    void jsonThatIsBrokenIsRefused() {
        for (String body :
                List.of("", "{", "{\"latents\": [[NaN", "{\"latents\": [[1]]} x", "[]", "\"x\"", "\u0000\u0001")) {
            assertProblem(post("fashion-ae/decode", "application/json", body), 400);
        }
    }

    @Test
    void whatIsNotThereIsToldWithWhatIs() {
        Answer answer = http.post("/v1/models/nope/encode", java.util.Map.of("instances", List.of()));
        assertProblem(answer, 404);
        assertThat(answer.json().path("detail").asString()).contains("'nope'").contains("fashion-ae");
        assertProblem(http.get("/v1/models/nope"), 404);
        Answer version = http.get("/v1/models/fashion-ae/versions/9");
        assertProblem(version, 404);
        assertThat(version.json().path("detail").asString())
                .contains("no version 9")
                .contains("1");
        assertProblem(http.get("/v1/models/fashion-ae/versions/canary"), 404);
        assertProblem(http.get("/v1/nothing"), 404);
        assertProblem(http.get("/"), 404);
        assertProblem(post("fashion-ae/dream", "application/json", "{}"), 404);
    }

    @Test
    void aBrowserAtTheRootIsShownToSwaggerUi() {
        Answer browser = http.send(http.request("/").header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"));

        assertThat(browser.status()).isEqualTo(302);
        assertThat(browser.header("Location")).isEqualTo("/swagger-ui.html");
        assertProblem(http.send(http.request("/").header("Accept", "*/*")), 404);
    }

    @Test
    void methodsAndContentTypesAreToldWithWhatWouldDo() {
        Answer method = http.get("/v1/models/fashion-ae/encode");
        assertProblem(method, 405);
        assertThat(method.header("Allow")).isEqualTo("POST");
        Answer type = post("fashion-ae/encode", "text/csv", "1,2,3");
        assertProblem(type, 415);
        assertThat(type.json().path("detail").asString()).contains("text/csv").contains("application/x-npy");
        Answer form = post("fashion-ae/sample", "application/x-www-form-urlencoded", "{\"count\": 1}");
        assertProblem(form, 415);
        assertThat(form.json().path("detail").asString())
                .contains("; application/json is needed; curl sends that")
                .contains("-H 'Content-Type: application/json'");
        Answer single = http.post(
                "/v1/models/fashion-ae/score",
                "application/octet-stream",
                new byte[3136],
                "Accept",
                "application/x-npy");
        assertProblem(single, 406);
        assertThat(single.json().path("detail").asString()).startsWith("The answer can be application/json;");
        Answer accept = http.post(
                "/v1/models/fashion-ae/decode",
                "application/json",
                "{\"latents\": [%s]}".formatted(LATENT).getBytes(StandardCharsets.UTF_8),
                "Accept",
                "text/html");
        assertProblem(accept, 406);
        Answer picture = http.post(
                "/v1/models/fashion-ae/encode",
                "application/json",
                "{\"instances\": [%s]}".formatted(PICTURE).getBytes(StandardCharsets.UTF_8),
                "Accept",
                "image/png");
        assertProblem(picture, 406);
    }

    @Test
    void binaryBodiesAreCheckedLikeOthers() {
        Answer odd = post("fashion-ae/encode", "application/octet-stream", "seven b");
        assertProblem(odd, 422);
        assertThat(odd.json().path("detail").asString()).contains("7").contains("3136");
        assertProblem(post("fashion-ae/encode", "application/octet-stream", ""), 400);
        assertProblem(post("fashion-ae/encode", "application/x-npy", "\u0093NUMPY"), 400);
        assertProblem(post("fashion-ae/encode", "image/png", "no picture"), 400);
        Answer latents = post("fashion-ae/decode", "image/png", "no picture");
        assertThat(latents.status()).isIn(400, 415);
        Answer option = post("fashion-ae/encode?draw=perhaps", "application/octet-stream", "\0".repeat(3136));
        assertProblem(option, 400);
        assertThat(option.json().path("errors").path(0).path("field").asString())
                .isEqualTo("draw");
    }

    @Test
    void whatAKindCannotDoIsToldWithWhatItCan() {
        for (String operation : List.of("encode", "reconstruct")) {
            Answer answer =
                    post("fashion-ad/" + operation, "application/json", "{\"instances\": [%s]}".formatted(PICTURE));
            assertProblem(answer, 409);
            assertThat(answer.json().path("detail").asString()).contains("optimize");
        }
        Answer ends = post(
                "fashion-ad/interpolate",
                "application/json",
                "{\"from\": [%s], \"to\": [%s]}".formatted(PICTURE, PICTURE));
        assertProblem(ends, 409);
        assertThat(ends.json().path("detail").asString()).contains("…/interpolate?optimize=true");
        Answer mixture = post("fashion-ae-ts/sample", "application/json", "{\"count\": 1, \"source\": \"mixture\"}");
        assertThat(mixture.status()).as("its twin with codes can").isIn(200, 409);
    }

    @Test
    void aDeadlineMustBeANumberInBounds() {
        for (String timeout : List.of("soon", "-1", "0", "1e3", "99999999999999999999")) {
            Answer answer = http.post(
                    "/v1/models/fashion-ae/sample",
                    "application/json",
                    "{\"count\": 1}".getBytes(StandardCharsets.UTF_8),
                    "X-Timeout-Ms",
                    timeout);
            assertThat(answer.status()).as(timeout).isIn(400, 422);
            assertThat(answer.json().path("errors").path(0).path("field").asString())
                    .isEqualTo("X-Timeout-Ms");
        }
    }

    @Test
    void aBodyThatIsTooLargeIsRefused() {
        Answer answer = http.post("/v1/models/fashion-ae/encode", "application/octet-stream", new byte[65 << 20]);
        assertProblem(answer, 413);
        Answer rows = http.post("/v1/models/fashion-ae/encode", "application/octet-stream", new byte[1025 * 3136]);
        assertProblem(rows, 413);
        assertThat(rows.json().path("detail").asString()).contains("1025").contains("1024");
    }

    private Answer post(String operation, String type, String body) {
        return http.post("/v1/models/" + operation, type, body.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void assertProblem(Answer answer, int status) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo(PROBLEM);
        assertThat(answer.json().path("type").asString()).startsWith("urn:latentdock:problem:");
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.json().path("detail").asString()).isNotBlank();
        assertThat(answer.text()).doesNotContain("java.", "tools.jackson", "Exception");
    }

    private static Arguments bad(String operation, String body, int status, String field, String detail) {
        return arguments(operation, body, status, field, detail);
    }

    private static String numbers(int count) {
        return "[" + String.join(",", java.util.Collections.nCopies(count, "0.5")) + "]";
    }
}
