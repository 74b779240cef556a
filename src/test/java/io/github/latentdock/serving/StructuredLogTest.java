package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One property makes every line of the log a JSON object in the Elastic Common Schema. */
@ExtendWith(OutputCaptureExtension.class)
class StructuredLogTest {

    @Configuration(proxyBeanMethods = false)
    static class Nothing {}

    @AfterAll
    static void logAsBefore() {
        LoggingSystem.get(StructuredLogTest.class.getClassLoader()).cleanUp();
        new SpringApplicationBuilder(Nothing.class)
                .web(WebApplicationType.NONE)
                .run()
                .close();
    }

    @Test
    void aPropertyMakesEveryLineEcs(CapturedOutput output) {
        new SpringApplicationBuilder(Nothing.class)
                .web(WebApplicationType.NONE)
                .run("--logging.structured.format.console=ecs", "--spring.main.banner-mode=off")
                .close();
        LoggerFactory.getLogger("probe").warn("something");
        String line = output.getOut()
                .lines()
                .filter(each -> each.contains("\"something\""))
                .findFirst()
                .orElseThrow();
        JsonNode json = JsonMapper.shared().readTree(line);

        assertThat(json.path("message").asString()).isEqualTo("something");
        assertThat(json.at("/log/level").asString()).isEqualTo("WARN");
        assertThat(json.at("/service/name").asString()).isEqualTo("latentdock");
        assertThat(json.path("@timestamp").isString()).isTrue();
    }
}
