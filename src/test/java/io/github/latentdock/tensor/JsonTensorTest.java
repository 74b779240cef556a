package io.github.latentdock.tensor;

import static io.github.latentdock.tensor.Tensors.assertProblem;
import static io.github.latentdock.tensor.Tensors.filled;
import static io.github.latentdock.tensor.Tensors.floats;
import static io.github.latentdock.tensor.Tensors.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

class JsonTensorTest {

    static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new SimpleModule()
                    .addDeserializer(Payload.class, new PayloadDeserializer())
                    .addSerializer(Tensor.class, new TensorSerializer()))
            .build();

    record Request(Payload latents) {}

    private static Payload latents(String json) {
        try {
            return JSON.readValue("{\"latents\": " + json + "}", Request.class).latents();
        } catch (DatabindException e) {
            assertThat(e.getCause()).as("cause of '%s'", e.getMessage()).isInstanceOf(Problem.class);
            throw (Problem) e.getCause();
        }
    }

    @Property
    void whatWasWrittenIsReadAgainToTheBit(@ForAll("tensors") Tensor tensor) {
        Payload read = JSON.readValue(JSON.writeValueAsBytes(tensor), Payload.class);

        assertThat(Tensors.rows(read, tensor)).isEqualTo(tensor);
    }

    @Provide
    Arbitrary<Tensor> tensors() {
        return Tensors.any();
    }

    @Test
    void nestingGivesTheShape() {
        Tensor rows = latents("[[[1, 2], [3, 4], [5, 6]]]").rows("latents", 3, 2);

        assertThat(rows).isEqualTo(new Tensor(shape(1, 3, 2), floats(1, 2, 3, 4, 5, 6)));
    }

    @Test
    void moreNumbersThanTheFirstBufferHoldsAreAllRead() {
        Tensor large = filled(i -> i, 3, 1000);

        assertThat(latents(JSON.writeValueAsString(large)).rows("latents", 1000))
                .isEqualTo(large);
    }

    @Test
    void wholeAndFractionalNumbersMayBeMixed() {
        Tensor rows =
                latents("[[1, -2.5, 3e2, -0, 16777217, 12345678901234567890]]").rows("latents", 6);

        assertThat(rows.values()).containsExactly(1, -2.5f, 300, 0, 16777216, 1.2345679e19f);
    }

    @Test
    void aDecimalBesideTheMiddleOfTwoFloatsIsRoundedOnce() {
        // The nearest double lies right between two floats, so rounding by way of double would give 1.
        Tensor rows = latents("[[1.00000005960464477541]]").rows("latents", 1);

        assertThat(rows.values()).containsExactly(Math.nextUp(1f));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [[1, 2], [3]]               | latents[1] has 1 values, latents[0] has 2
            [[1], [2, 3]]               | latents[1] has 2 values, latents[0] has 1
            [[1], []]                   | latents[1] has 0 values, latents[0] has 1
            [[[1], [2]], [[3], [4, 5]]] | latents[1][1] has 2 values, latents[0][0] has 1
            [[[1], [2]], [[3]]]         | latents[1] has 1 values, latents[0] has 2
            [[], [1]]                   | latents[1][0] is in an array, the first array at its depth is empty
            [[1], 2]                    | latents[1] is a number, other entries at its depth are arrays
            [1, [2]]                    | latents[1] is an array, other entries at its depth are numbers
            [[1, 1e39]]                 | latents[0][1] is beyond the range of float32
            [[1], [-3.5e38]]            | latents[1][0] is beyond the range of float32
            [[[[[[[[[1]]]]]]]]]         | latents[0][0][0][0][0][0][0][0] is nested deeper than 8 arrays
            """)
    void arraysThatFormNoTensorAreInvalid(String json, String detail) {
        assertProblem(Fault.INVALID, detail, () -> latents(json));
    }

    @Test
    void aWholeNumberBeyondFloatIsInvalidToo() {
        assertProblem(
                Fault.INVALID, "latents[0] is beyond the range of float32", () -> latents("[1" + "0".repeat(50) + "]"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [[1, "2"]]       | latents[0][1] is a text, a number is needed
            ["NaN"]          | latents[0] is a text, a number is needed
            [[1], [true]]    | latents[1][0] is a boolean, a number is needed
            [[null]]         | latents[0][0] is null, a number is needed
            [[1, {"a": 2}]]  | latents[0][1] is an object, a number is needed
            3                | latents is a number, a list is needed
            "3"              | latents is a text, a list is needed
            {"a": [1]}       | latents is an object, a list is needed
            """)
    void whatIsNoNumberIsMalformed(String json, String detail) {
        assertProblem(Fault.MALFORMED, detail, () -> latents(json));
    }

    @Test
    void theFieldOfAProblemIsThePathOfTheValue() {
        Problem problem = catchThrowableOfType(Problem.class, () -> latents("[[1, null]]"));

        assertThat(problem.errors()).extracting(Problem.FieldError::field).containsExactly("latents[0][1]");
    }

    @Test
    void aTensorThatIsTheWholeBodyIsCalledThat() {
        assertProblem(
                Fault.INVALID,
                "body[1] has 1 values, body[0] has 2",
                () -> JSON.readValue("[[1,2],[3]]", Payload.class));
    }

    @Test
    void aPathNamesEveryObjectOnTheWay() {
        record Outer(Request body) {}

        assertThatThrownBy(() -> JSON.readValue("{\"body\": {\"latents\": [null]}}", Outer.class))
                .hasRootCauseMessage("body.latents[0] is null, a number is needed");
    }

    @Test
    void moreNumbersThanOneTensorMayHoldAreTooLarge() {
        String json = "[" + "1,".repeat(PayloadDeserializer.MAX_VALUES) + "1]";

        assertProblem(
                Fault.TOO_LARGE,
                "latents[16777216] is one number too many: a list may hold 16777216 of them",
                () -> latents(json));
    }

    @ParameterizedTest
    @CsvSource({"[NaN]", "[Infinity]", "[01]", "[1.]", "[[1]", "[1,,2]"})
    void whatIsNoJsonIsLeftToJacksonToTell(String json) {
        assertThatThrownBy(() -> JSON.readValue(json, Payload.class)).isInstanceOf(StreamReadException.class);
    }

    @Test
    void noRowsCanBeReadButNotUsed() {
        Payload empty = latents("[]");

        assertProblem(Fault.INVALID, "latents is empty, at least one is needed", () -> empty.rows("latents", 32));
    }

    @Test
    void rowsOfAnotherShapeAreRefused() {
        Payload payload = latents("[[1, 2, 3]]");

        assertProblem(
                Fault.INVALID,
                "instances[0] has shape [3], model needs [1, 28, 28]",
                () -> payload.rows("instances", 1, 28, 28));
    }

    @Test
    void aFlattenedRowIsNotARow() {
        Payload payload = latents("[[1, 2, 3, 4]]");

        assertProblem(
                Fault.INVALID, "instances[0] has shape [4], model needs [2, 2]", () -> payload.rows("instances", 2, 2));
    }

    @Test
    void aSingleRowIsToBeListed() {
        Payload payload = latents("[1, 2, 3]");

        assertProblem(
                Fault.INVALID,
                "instances is one row of shape [3]; a list of rows is needed, also for a single one: shape [1, 3]",
                () -> payload.rows("instances", 3));
    }

    @Test
    void valuesAreWrittenAsTheShortestDecimal() {
        String json = JSON.writeValueAsString(new Tensor(shape(2, 2), floats(0.1f, 1, -0f, 1 / 3f)));

        assertThat(json).isEqualTo("[[0.1,1.0],[-0.0,0.33333334]]");
    }

    @Test
    void whatJsonHasNoNumberForIsWrittenAsNull() {
        String json = JSON.writeValueAsString(
                new Tensor(shape(3), floats(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)));

        assertThat(json).isEqualTo("[null,null,null]");
    }
}
