package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One property makes every line of the log a JSON object in the Elastic Common Schema. */
@ExtendWith(OutputCaptureExtension.class)
class StructuredLogTest {

    @Configuration(proxyBeanMethods = false)
    static class Nothing {}

    /** Spring Boot sets the log up once for all contexts of a process; here it is set up anew. */
    @BeforeEach
    void forgetHowToLog() {
        LoggingSystem.get(StructuredLogTest.class.getClassLoader()).cleanUp();
    }

    @AfterEach
    void logAsBefore() {
        forgetHowToLog();
        run().close();
    }

    @Test
    void aPropertyMakesEveryLineEcs(CapturedOutput output) {
        try (var context = run("--logging.structured.format.console=ecs", "--spring.main.banner-mode=off")) {
            LoggerFactory.getLogger("probe").warn("something from {}", context.getId());
        }
        String line = output.getOut()
                .lines()
                .filter(each -> each.contains("something from"))
                .findFirst()
                .orElseThrow();
        JsonNode json = JsonMapper.shared().readTree(line);

        assertThat(json.path("message").asString()).startsWith("something from");
        assertThat(json.at("/log/level").asString()).isEqualTo("WARN");
        assertThat(json.at("/service/name").asString()).isEqualTo("latentdock");
        assertThat(json.path("@timestamp").isString()).isTrue();
    }

    private static ConfigurableApplicationContext run(String... arguments) {
        return new SpringApplicationBuilder(Nothing.class)
                .web(WebApplicationType.NONE)
                .run(arguments);
    }
}
