package io.github.latentdock.registry;

import io.github.latentdock.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fields of a JSON object, by type. A field that is absent or null is null; one of a wrong type is null as well, and a fault
 * that names its path.
 *
 * @param path of the object in its document, empty for the document itself
 * @param faults shared by all objects of a document
 */
record JsonFields(JsonNode node, String path, List<FieldError> faults) {

    /** A key given twice is refused, and so is anything after the document. */
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final TypeReference<LinkedHashMap<String, Object>> MAP = new TypeReference<>() {};
    private static final int MAX_DIMENSIONS = 4;
    private static final long MAX_VALUES = 1 << 24;

    JsonFields(JsonNode document) {
        this(document, "", new ArrayList<>());
    }

    void fault(String key, String told) {
        faults.add(new FieldError(path(key), "%s %s".formatted(path(key), told)));
    }

    void require(String... keys) {
        for (String key : keys) {
            if (isAbsent(key)) {
                fault(key, "is missing");
            }
        }
    }

    /** A misspelt key would silently be a default. */
    void allowOnly(Set<String> known) {
        for (String key : node.propertyNames()) {
            if (!known.contains(key)) {
                fault(key, "is unknown here; %s are known".formatted(String.join(", ", known)));
            }
        }
    }

    List<String> keys() {
        return List.copyOf(node.propertyNames());
    }

    boolean has(String key) {
        return node.has(key);
    }

    boolean isAbsent(String key) {
        return node.path(key).isMissingNode() || node.path(key).isNull();
    }

    @Nullable
    String text(String key) {
        return isAbsent(key) ? null : node.path(key).isString() ? node.path(key).stringValue() : wrong(key, "a text");
    }

    /** A whole number from {@code least} on. */
    @Nullable
    Long count(String key, long least) {
        JsonNode value = node.path(key);
        if (isAbsent(key)) {
            return null;
        }
        return value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= least
                ? (Long) value.longValue()
                : wrong(key, "a whole number from %d on".formatted(least));
    }

    @Nullable
    Double number(String key) {
        JsonNode value = node.path(key);
        if (isAbsent(key)) {
            return null;
        }
        return value.isNumber() && Double.isFinite(value.doubleValue())
                ? (Double) value.doubleValue()
                : wrong(key, "a number");
    }

    <E extends Enum<E>> @Nullable E choice(String key, Class<E> type) {
        List<E> choices = Arrays.asList(type.getEnumConstants());
        if (isAbsent(key)) {
            return null;
        }
        for (E choice : choices) {
            if (node.path(key).isString() && label(choice).equals(node.path(key).stringValue())) {
                return choice;
            }
        }
        return wrong(
                key,
                "one of "
                        + String.join(
                                ", ", choices.stream().map(JsonFields::label).toList()));
    }

    /** One to four sizes, whose product is bounded so that no product of them overflows later. */
    int @Nullable [] shape(String key) {
        JsonNode value = node.path(key);
        if (isAbsent(key)) {
            return null;
        }
        boolean sizes = value.isArray() && !value.isEmpty() && value.size() <= MAX_DIMENSIONS;
        long product = 1;
        for (int i = 0; sizes && i < value.size(); i++) {
            JsonNode size = value.get(i);
            sizes = size.isIntegralNumber() && size.canConvertToInt() && size.intValue() > 0;
            product *= sizes ? size.intValue() : 1;
            sizes &= product <= MAX_VALUES;
        }
        if (!sizes) {
            return wrong(
                    key,
                    "a list of 1 to %d sizes, such as [1, 28, 28], of at most %d values together"
                            .formatted(MAX_DIMENSIONS, MAX_VALUES));
        }
        int[] shape = new int[value.size()];
        Arrays.setAll(shape, i -> value.get(i).intValue());
        return shape;
    }

    /** Two numbers, of which the first is less. */
    Manifest.@Nullable Range range(String key) {
        JsonNode value = node.path(key);
        if (isAbsent(key)) {
            return null;
        }
        boolean ordered = value.isArray()
                && value.size() == 2
                && value.get(0).isNumber()
                && value.get(1).isNumber()
                && value.get(0).doubleValue() < value.get(1).doubleValue()
                && Double.isFinite(value.get(1).doubleValue() - value.get(0).doubleValue());
        return ordered
                ? new Manifest.Range(value.get(0).doubleValue(), value.get(1).doubleValue())
                : wrong(key, "two numbers, the lowest and the highest value, such as [0, 1]");
    }

    @Nullable
    JsonFields object(String key) {
        if (isAbsent(key)) {
            return null;
        }
        return node.path(key).isObject() ? new JsonFields(node.path(key), path(key), faults) : wrong(key, "an object");
    }

    Map<String, Object> map() {
        return JSON.treeToValue(node, MAP);
    }

    private <T> @Nullable T wrong(String key, String right) {
        fault(key, "is %s, it must be %s".formatted(shortened(node.path(key)), right));
        return null;
    }

    private String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String label(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    static String shortened(JsonNode value) {
        String text = value.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
}
