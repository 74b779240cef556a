package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import io.github.latentdock.autoencoder.Safetensors.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * The header of a safetensors file: a JSON object of {@code "key": {"dtype", "shape", "data_offsets"}} and, optionally,
 * {@code "__metadata__"}. It is read as a stream, so that a hostile header costs no more than its entries.
 */
record SafetensorsHeader(SequencedMap<String, Entry> entries, Map<String, String> metadata) {

    private static final String METADATA = "__metadata__";
    private static final int MAX_DIMENSIONS = 16;
    private static final int MAX_TENSORS = 100_000;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /**
     * @param file the name that faults of the whole file carry
     * @param json the header's bytes
     * @param dataBytes the number of bytes after the header, all of which the entries must cover, once
     */
    static SafetensorsHeader parse(String file, byte[] json, long dataBytes) {
        if (json.length == 0 || json[0] != '{') {
            throw new InvalidModelException(file, "the header must be a JSON object and begin with '{'");
        }
        SafetensorsHeader header;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            header = new Reader(file, parser).header();
        } catch (JacksonException e) {
            throw new InvalidModelException(file, "the header is not valid JSON: " + e.getOriginalMessage());
        }
        header.requireCover(file, dataBytes);
        return header;
    }

    /** Every byte of the data belongs to exactly one tensor, as the format demands: no gaps, no overlaps, no rest. */
    private void requireCover(String file, long dataBytes) {
        List<Map.Entry<String, Entry>> byOffset = new ArrayList<>(entries.entrySet());
        byOffset.sort(Comparator.comparingLong(
                        (Map.Entry<String, Entry> e) -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()));
        List<Fault> faults = new ArrayList<>();
        long covered = 0;
        for (var named : byOffset) {
            Entry entry = named.getValue();
            if (entry.end() > dataBytes) {
                faults.add(new Fault(
                        named.getKey(),
                        "data_offsets end at %d, but the file has %d bytes of data: it is truncated or its header lies"
                                .formatted(entry.end(), dataBytes)));
            } else if (entry.begin() != covered) {
                faults.add(new Fault(
                        named.getKey(),
                        "data_offsets begin at %d, but the tensor before ends at %d: %s"
                                .formatted(
                                        entry.begin(), covered, entry.begin() < covered ? "they overlap" : "a gap")));
            }
            covered = Math.max(covered, entry.end());
        }
        if (faults.isEmpty() && covered != dataBytes) {
            faults.add(new Fault(
                    file,
                    "has %d bytes of data, but its tensors cover only %d: the rest belongs to nothing"
                            .formatted(dataBytes, covered)));
        }
        if (!faults.isEmpty()) {
            throw new InvalidModelException(faults);
        }
    }

    private record Reader(String file, JsonParser parser) {

        SafetensorsHeader header() {
            var entries = new LinkedHashMap<String, Entry>();
            Map<String, String> metadata = Map.of();
            parser.nextToken();
            for (String key = parser.nextName(); key != null; key = parser.nextName()) {
                if (key.equals(METADATA)) {
                    metadata = metadata();
                } else {
                    entries.put(key, entry(key));
                }
                if (entries.size() > MAX_TENSORS) {
                    throw new InvalidModelException(file, "has more than %d tensors".formatted(MAX_TENSORS));
                }
            }
            if (parser.nextToken() != null) {
                throw new InvalidModelException(file, "the header goes on after its JSON object");
            }
            return new SafetensorsHeader(
                    Collections.unmodifiableSequencedMap(entries), Collections.unmodifiableMap(metadata));
        }

        private Map<String, String> metadata() {
            require(JsonToken.START_OBJECT, METADATA, "must be an object of strings");
            var metadata = new LinkedHashMap<String, String>();
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                require(JsonToken.VALUE_STRING, METADATA + "." + name, "must be a string");
                metadata.put(name, parser.getString());
            }
            return metadata;
        }

        private Entry entry(String key) {
            require(JsonToken.START_OBJECT, key, "must be an object with dtype, shape and data_offsets");
            Dtype dtype = null;
            long[] shape = null;
            long[] offsets = null;
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                switch (name) {
                    case "dtype" -> dtype = dtype(key);
                    case "shape" -> shape = numbers(key, "shape", MAX_DIMENSIONS, Integer.MAX_VALUE);
                    case "data_offsets" -> offsets = numbers(key, "data_offsets", 2, Long.MAX_VALUE);
                    default ->
                        throw new InvalidModelException(
                                key,
                                "has an unknown field '%s'; dtype, shape and data_offsets are known".formatted(name));
                }
            }
            return checked(key, dtype, shape, offsets);
        }

        private static Entry checked(
                String key, @Nullable Dtype dtype, long @Nullable [] shape, long @Nullable [] offsets) {
            if (dtype == null || shape == null || offsets == null) {
                throw new InvalidModelException(key, "needs dtype, shape and data_offsets");
            }
            if (offsets.length != 2 || offsets[0] > offsets[1]) {
                throw new InvalidModelException(key, "data_offsets must be [begin, end] with begin <= end");
            }
            int[] dimensions = new int[shape.length];
            long bytes = dtype.bytes();
            try {
                for (int i = 0; i < shape.length; i++) {
                    dimensions[i] = (int) shape[i];
                    bytes = Math.multiplyExact(bytes, shape[i]);
                }
            } catch (ArithmeticException e) {
                throw new InvalidModelException(key, "shape holds more values than can be counted");
            }
            if (offsets[1] - offsets[0] != bytes) {
                throw new InvalidModelException(
                        key,
                        "data_offsets span %d bytes, but %s of shape %s takes %d"
                                .formatted(offsets[1] - offsets[0], dtype, Arrays.toString(dimensions), bytes));
            }
            return new Entry(dtype, dimensions, offsets[0], offsets[1]);
        }

        private Dtype dtype(String key) {
            require(JsonToken.VALUE_STRING, key, "dtype must be a string");
            String name = parser.getString();
            Optional<Dtype> dtype = Dtype.named(name);
            return dtype.orElseThrow(() -> new InvalidModelException(
                    key, "has dtype '%s'; known are %s".formatted(name, List.of(Dtype.values()))));
        }

        private long[] numbers(String key, String what, int most, long bound) {
            require(JsonToken.START_ARRAY, key, what + " must be an array of integers");
            long[] numbers = new long[most];
            int count = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (count == most) {
                    throw new InvalidModelException(key, "%s has more than %d numbers".formatted(what, most));
                }
                boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
                if (!whole || parser.getLongValue() < 0 || parser.getLongValue() > bound) {
                    throw new InvalidModelException(
                            key, "%s has a value that is not an integer from 0 to %d".formatted(what, bound));
                }
                numbers[count++] = parser.getLongValue();
            }
            return Arrays.copyOf(numbers, count);
        }

        private void require(JsonToken token, String where, String detail) {
            if (parser.nextToken() != token) {
                throw new InvalidModelException(where, detail);
            }
        }
    }
}
