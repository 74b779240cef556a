package io.github.latentdock.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

class SpringJsonTest {

    record Body(Payload latents) {}

    record Answer(Tensor instances) {}

    @RestController
    static class Echo {

        @PostMapping("/echo")
        Answer echo(@RequestBody Body body) {
            return new Answer(body.latents().rows("latents", 2));
        }
    }

    private static MvcTestResult post(String json) {
        var result = new MvcTestResult[1];
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(JacksonAutoConfiguration.class))
                .withBean(PayloadDeserializer.class)
                .withBean(TensorSerializer.class)
                .run(context -> {
                    JsonMapper mapper = context.getBean(JsonMapper.class);
                    var mvc = MockMvcTester.create(MockMvcBuilders.standaloneSetup(new Echo())
                            .setMessageConverters(new JacksonJsonHttpMessageConverter(mapper))
                            .build());
                    result[0] = mvc.post()
                            .uri("/echo")
                            .contentType(MediaType.APPLICATION_JSON)
                            .content(json)
                            .exchange();
                });
        return result[0];
    }

    @Test
    void recordsWithTensorsAreReadAndWrittenAsBodies() {
        assertThat(post("{\"latents\": [[1, 2.5]]}")).bodyJson().isStrictlyEqualTo("{\"instances\": [[1.0, 2.5]]}");
    }

    @Test
    void aProblemIsFoundAsTheRootOfWhatSpringThrows() {
        Exception thrown = post("{\"latents\": [[1, null]]}").getMvcResult().getResolvedException();

        assertThat(thrown)
                .isInstanceOf(HttpMessageNotReadableException.class)
                .rootCause()
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.fault()).isEqualTo(Fault.MALFORMED));
    }
}
