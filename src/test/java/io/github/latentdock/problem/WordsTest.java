package io.github.latentdock.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordsTest {

    @Test
    void ofMuchOnlyTheFirstIsTold() {
        assertThat(Words.listed(List.of("a", "b"))).isEqualTo("a, b");
        assertThat(Words.listed(IntStream.rangeClosed(1, 500).boxed().toList()))
                .startsWith("1, 2, 3, ")
                .endsWith(", 19, 20, … (500 altogether)");
        assertThat(Words.shortened("a".repeat(80))).hasSize(80);
        assertThat(Words.shortened("a".repeat(81))).isEqualTo("a".repeat(80) + "…");
    }
}
