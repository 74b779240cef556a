package io.github.latentdock.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.context.request.ServletWebRequest;

@ExtendWith(OutputCaptureExtension.class)
class ProblemAdviceTest {

    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private final ServletWebRequest request =
            new ServletWebRequest(new MockHttpServletRequest("POST", "/v1/models/a/encode"), response);

    @Test
    void anAnswerThatCannotBeWrittenIsAFaultOfOursAndLogged(CapturedOutput log) throws Exception {
        var answer = new ProblemAdvice().handleException(new HttpMessageNotWritableException("no converter"), request);

        assertThat(answer).isNotNull();
        assertThat(answer.getStatusCode().value()).isEqualTo(500);
        assertThat(log.getAll()).contains("POST /v1/models/a/encode failed", "no converter");
    }

    @Test
    void anAnswerThatNobodyReadsIsNot(CapturedOutput log) throws Exception {
        var gone = new HttpMessageNotWritableException("cut off", new IOException("Broken pipe"));

        assertThat(new ProblemAdvice().handleException(gone, request)).isNull();
        assertThat(response.getStatus()).isEqualTo(499);
        assertThat(log.getAll()).doesNotContain("ERROR");
    }
}
