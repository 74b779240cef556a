package io.github.latentdock.tensor;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.util.Arrays;
import org.springframework.boot.jackson.JacksonComponent;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;

/**
 * Reads nested arrays of numbers straight into one float array, without an object per number. What is wrong is thrown
 * as a {@link Problem} that names the place; Jackson and Spring hand it on as the cause of their own exceptions
 * ({@code DatabindException}, {@code HttpMessageNotReadableException}).
 */
@JacksonComponent
final class PayloadDeserializer extends ValueDeserializer<Payload> {

    /** Deeper arrays belong to no tensor. */
    static final int MAX_DEPTH = 8;

    /** 64 MiB of float32, which bounds what one body can make us hold. */
    static final int MAX_VALUES = 1 << 24;

    @Override
    public Payload deserialize(JsonParser parser, DeserializationContext context) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            String path = JsonPath.ofValue(parser);
            throw Problem.malformed(path, "%s is %s, a list is needed".formatted(path, JsonPath.kind(parser)));
        }
        var reading = new Reading(parser);
        while (reading.depth > 0) {
            JsonToken token = parser.nextToken();
            switch (token) {
                case VALUE_NUMBER_FLOAT, VALUE_NUMBER_INT -> reading.number();
                case START_ARRAY -> reading.open();
                case END_ARRAY -> reading.close();
                case null, default -> {
                    String path = JsonPath.ofValue(parser);
                    throw Problem.malformed(
                            path, "%s is %s, a number is needed".formatted(path, JsonPath.kind(parser)));
                }
            }
        }
        return new NestedNumbers(reading.shape(), Arrays.copyOf(reading.values, reading.size));
    }

    /** Where one reading has come to. Depth 1 is the outermost array. */
    private static final class Reading {

        private static final int UNKNOWN = -1;

        private final JsonParser parser;
        private final int[] counts = new int[MAX_DEPTH + 1];
        private final int[] lengths = new int[MAX_DEPTH + 1];
        private int depth = 1;
        private int deepest = 1;
        private int numbersAt = UNKNOWN;
        private float[] values = new float[1024];
        private int size;

        Reading(JsonParser parser) {
            this.parser = parser;
            Arrays.fill(lengths, UNKNOWN);
        }

        void number() {
            if (depth != numbersAt) {
                if (depth < deepest) {
                    throw ragged("is a number, other entries at its depth are arrays");
                }
                numbersAt = depth;
            }
            enter();
            if (size == values.length) {
                grow();
            }
            float value = parser.getFloatValue();
            if (Float.isInfinite(value)) {
                throw ragged("is beyond the range of float32");
            }
            values[size++] = value;
        }

        void open() {
            if (depth == numbersAt) {
                throw ragged("is an array, other entries at its depth are numbers");
            }
            enter();
            if (depth == MAX_DEPTH) {
                throw ragged("is nested deeper than %d arrays".formatted(MAX_DEPTH));
            }
            depth++;
            deepest = Math.max(deepest, depth);
            counts[depth] = 0;
        }

        void close() {
            if (lengths[depth] == UNKNOWN) {
                lengths[depth] = counts[depth];
            } else if (lengths[depth] != counts[depth]) {
                throw ragged("has %d values, %s has %d"
                        .formatted(counts[depth], JsonPath.first(parser, depth - 1), lengths[depth]));
            }
            depth--;
        }

        private void enter() {
            if (lengths[depth] == 0) {
                throw ragged("is in an array, the first array at its depth is empty");
            }
            counts[depth]++;
        }

        private void grow() {
            if (size >= MAX_VALUES) {
                String path = JsonPath.ofValue(parser);
                throw Problem.of(
                        Fault.TOO_LARGE,
                        path,
                        "%s is one number too many: a list may hold %d of them".formatted(path, MAX_VALUES));
            }
            values = Arrays.copyOf(values, 2 * size);
        }

        int[] shape() {
            return Arrays.copyOfRange(lengths, 1, deepest + 1);
        }

        private Problem ragged(String what) {
            String path = JsonPath.ofValue(parser);
            return Problem.invalid(path, path + " " + what);
        }
    }
}
