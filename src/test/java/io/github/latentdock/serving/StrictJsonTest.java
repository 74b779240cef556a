package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.RunningService;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no number is not taken for one, nor a number for what has a name. */
class StrictJsonTest extends RunningService {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sample|{\"count\": \"3\"}|count|a whole number",
                "sample|{\"count\": \"\"}|count|a whole number",
                "sample|{\"count\": true}|count|a whole number",
                "sample|{\"count\": 1, \"seed\": \"7\"}|seed|a whole number",
                "sample|{\"count\": 1, \"temperature\": \"\"}|temperature|a number",
                "sample|{\"count\": 1, \"temperature\": \"0.5\"}|temperature|a number",
                "sample|{\"count\": 1, \"source\": 1}|source|one of prior",
                "sample|{\"count\": 1, \"source\": \"1\"}|source|one of prior",
                "sample|{\"count\": 1, \"source\": \"\"}|source|one of prior",
                "encode|{\"instances\": [[0]], \"draw\": 1}|draw|true or false",
                "encode|{\"instances\": [[0]], \"draw\": \"true\"}|draw|true or false",
            })
    void aValueOfAnotherKindIsRefusedByField(String operation, String body, String field, String needed) {
        Answer answer = http.post(
                "/v1/models/fashion-vae/" + operation, "application/json", body.getBytes(StandardCharsets.UTF_8));

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo(field);
        assertThat(answer.json().path("detail").asString()).contains(needed);
    }

    @Test
    void aVersionIsANumber() {
        Answer answer = http.send("PUT", "/v1/models/fashion-vae/aliases/canary", java.util.Map.of("version", "1"));

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("version");
    }

    @Test
    void wholeNumbersAreNumbersToo() {
        Answer answer = http.post("/v1/models/fashion-vae/sample", java.util.Map.of("count", 1, "temperature", 1));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    @Test
    void theOptionsOfAQueryAreReadFromText() {
        Answer answer = binary("draw=true&seed=7");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.floats("latents"))
                .isEqualTo(binary("seed=7&draw=true").floats("latents"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"seed=", "seed=x", "draw=1", "draw="})
    void anOptionOfAQueryThatIsNoneIsRefused(String query) {
        Answer answer = binary(query);

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo(query.split("=")[0]);
    }

    private Answer binary(String query) {
        return http.post(
                "/v1/models/fashion-vae/encode?" + query, "application/octet-stream", Http.raw(new float[784]));
    }
}
