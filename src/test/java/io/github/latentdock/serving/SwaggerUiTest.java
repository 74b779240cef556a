package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.RunningService;
import java.net.URI;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Swagger UI works without the internet. */
class SwaggerUiTest extends RunningService {

    private static final Pattern ASSET = Pattern.compile("(?:src|href)=\"([^\"]+)\"");

    @Test
    void thePageAndAllThatItLoadsComeFromTheService() {
        Answer redirect = http.get("/swagger-ui.html");
        assertThat(redirect.status()).isEqualTo(302);
        URI page = URI.create(redirect.header("Location"));
        Answer html = http.get(page.getPath());
        assertThat(html.status()).isEqualTo(200);
        assertThat(html.header("Content-Type")).startsWith("text/html");
        assertThat(html.text()).doesNotContain("http:", "https:", "\"//");
        var assets = ASSET.matcher(html.text())
                .results()
                .map(asset -> asset.group(1))
                .toList();
        assertThat(assets).hasSizeGreaterThan(5).allSatisfy(asset -> {
            Answer answer = http.get(page.resolve(asset).getPath());
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isNotEmpty();
        });
    }

    @Test
    void itShowsTheDocumentOfTheService() {
        String initializer = http.get("/swagger-ui/swagger-initializer.js").text();
        assertThat(initializer)
                .contains("\"configUrl\" : \"/v3/api-docs/swagger-config\"", "\"validatorUrl\" : \"\"")
                .doesNotContain("http:", "https:");
        String document =
                http.get("/v3/api-docs/swagger-config").json().path("url").asString();
        assertThat(http.get(document).json().at("/info/title").asString()).isEqualTo("Latentdock");
    }
}
