package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.RunningService;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptTest extends RunningService {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json;charset=utf-16",
                "application/json; Charset=iso-8859-1",
                "application/json;charset=utf-8",
                "application/json;charset=utf-16;q=0.9, text/html",
                "*/*;charset=utf-16"
            })
    void jsonIsUtf8WhateverCharsetIsAskedFor(String accept) {
        Answer answer = http.post(
                "/v1/models/fashion-ae/encode", "application/octet-stream", Http.raw(new float[784]), "Accept", accept);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.floats("latents")).hasSize(32);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "application/json;charset=nonsense"})
    void whatIsNoTypeIsNotAcceptable(String accept) {
        Answer answer = http.post(
                "/v1/models/fashion-ae/encode", "application/octet-stream", Http.raw(new float[784]), "Accept", accept);

        assertThat(answer.status()).as(answer.text()).isEqualTo(406);
    }
}
