package io.github.latentdock;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The README's table of properties is what the service takes. */
class ConfigurationTableTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(latentdock\\.[a-z.-]+)` \\| `([^`]*)` \\|");

    @Test
    void listsEveryPropertyWithItsDefault() throws Exception {
        Map<String, String> table = new TreeMap<>();
        ROW.matcher(Files.readString(Path.of("README.md")))
                .results()
                .forEach(row -> table.put(row.group(1), row.group(2)));

        assertThat(table).isEqualTo(properties());
    }

    /** As Spring Boot's annotation processor found them. */
    private static Map<String, String> properties() throws Exception {
        try (var metadata = new ClassPathResource("META-INF/spring-configuration-metadata.json").getInputStream()) {
            Map<String, String> properties = new TreeMap<>();
            for (JsonNode property : JsonMapper.shared().readTree(metadata).path("properties")) {
                if (property.path("name").asString().startsWith("latentdock.")) {
                    properties.put(
                            property.path("name").asString(),
                            property.path("defaultValue").asString());
                }
            }
            return properties;
        }
    }
}
