package io.github.latentdock.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ShownJsonTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a": [1.24, …]}        | {"a": [1.2449, 5]}    | true
            {"a": [1.24, …]}        | {"a": [1.2511, 5]}    | false
            {"a": [1.24]}           | {"a": [1.24, 5]}      | false
            {"a": 1, …}             | {"a": 1, "b": "x"}    | true
            {"a": 1}                | {"a": 1, "b": "x"}    | false
            {"a": 1, "b": …}        | {"a": 1}              | false
            [{"n": 2}, …, {"n": 9}] | [{"n":2},{"n":5},{"n":9}] | true
            [{"n": 2}, {"n": 9}, …] | [{"n":2},{"n":5},{"n":9}] | false
            {"s": "a…"}             | {"s": "abc"}          | false
            3                       | 4                     | false
            """)
    void aDifferenceFromWhatIsShownIsFound(String shown, String answered, boolean same) {
        assertThat(ShownJson.parse(shown).difference(JsonMapper.shared().readTree(answered)))
                .matches(difference -> difference.isEmpty() == same);
    }
}
