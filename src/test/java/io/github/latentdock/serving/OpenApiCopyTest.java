package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.RunningService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code docs/openapi.json} is for those who read or generate clients without a running service. */
class OpenApiCopyTest extends RunningService {

    private static final Path COPY = Path.of("docs/openapi.json");

    /** Writes numbers as they were read. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    @Test
    void theCopyIsWhatTheServiceAnswers() throws IOException {
        String answered = pretty(JSON.readTree(http.get(OpenApi.PATH).body()));
        if (Boolean.getBoolean("openapi.renew")) {
            Files.writeString(COPY, answered);
        }
        String kept = Files.readString(COPY);
        assertThat(kept.equals(answered))
                .withFailMessage(() -> """
                        %s is not what %s answers any more, from line %d on. Renew it and look at the difference:
                          ./mvnw test -Dtest=OpenApiCopyTest -Dopenapi.renew && git diff %1$s
                        """.formatted(COPY, OpenApi.PATH, firstDifference(kept, answered)))
                .isTrue();
    }

    private static String pretty(JsonNode document) {
        var printer = new DefaultPrettyPrinter(
                        Separators.createDefaultInstance().withObjectNameValueSpacing(Separators.Spacing.AFTER))
                .withObjectIndenter(new DefaultIndenter("  ", "\n"));
        return JSON.writer().with(printer).writeValueAsString(document) + "\n";
    }

    private static int firstDifference(String kept, String answered) {
        String[] a = kept.split("\n", -1);
        String[] b = answered.split("\n", -1);
        int line = 0;
        while (line < Math.min(a.length, b.length) && a[line].equals(b[line])) {
            line++;
        }
        return line + 1;
    }
}
