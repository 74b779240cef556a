package io.github.latentdock.testing;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as a document shows it: shortened by {@code …}, which stands for any value, for any number of entries of a list, or for
 * fields that are not shown; its numbers rounded to the places shown.
 */
public record ShownJson(JsonNode shown) {

    private static final String ANYTHING = "…";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    public static ShownJson parse(String text) {
        return new ShownJson(JSON.readTree(quoted(text)));
    }

    /** What differs first, by its path; empty when nothing does. */
    public Optional<String> difference(JsonNode actual) {
        return difference("", shown, actual);
    }

    private static Optional<String> difference(String path, JsonNode shown, JsonNode actual) {
        if (isAnything(shown)) {
            return Optional.empty();
        }
        if (shown.isObject() && actual.isObject()) {
            return objects(path, shown, actual);
        }
        if (shown.isArray() && actual.isArray()) {
            return arrays(path, shown, 0, actual, 0);
        }
        boolean same = shown.isNumber() && actual.isNumber() ? numbers(path, shown, actual) : shown.equals(actual);
        return same ? Optional.empty() : told(path, "shown is %s, answered is %s".formatted(shown, shortened(actual)));
    }

    private static Optional<String> objects(String path, JsonNode shown, JsonNode actual) {
        for (Map.Entry<String, JsonNode> field : shown.properties()) {
            if (!field.getKey().equals(ANYTHING)) {
                String at = path + "." + field.getKey();
                if (!actual.has(field.getKey())) {
                    return told(at, "is shown but not answered");
                }
                Optional<String> difference = difference(at, field.getValue(), actual.get(field.getKey()));
                if (difference.isPresent()) {
                    return difference;
                }
            }
        }
        return actual.propertyNames().stream()
                .filter(name -> !shown.has(name) && !shown.has(ANYTHING))
                .findFirst()
                .flatMap(name -> told(path + "." + name, "is answered but not shown"));
    }

    /** From some entry on; an ellipsis stands for as many entries as what follows it lets it. */
    private static Optional<String> arrays(String path, JsonNode shown, int from, JsonNode actual, int at) {
        if (from == shown.size()) {
            return at == actual.size() ? Optional.empty() : told(path, "has more than %d entries".formatted(at));
        }
        if (isAnything(shown.get(from))) {
            Optional<String> difference = Optional.empty();
            for (int next = at; next <= actual.size(); next++) {
                difference = arrays(path, shown, from + 1, actual, next);
                if (difference.isEmpty()) {
                    return difference;
                }
            }
            return difference;
        }
        String entry = "%s[%d]".formatted(path, at);
        if (at == actual.size()) {
            return told(entry, "is shown but not answered");
        }
        Optional<String> difference = difference(entry, shown.get(from), actual.get(at));
        return difference.isPresent() ? difference : arrays(path, shown, from + 1, actual, at + 1);
    }

    /**
     * Equal but for one unit in the last place shown, because processors round differently. How many iterations a search takes
     * depends on every rounding on its way, so of those only the order of magnitude is compared.
     */
    private static boolean numbers(String path, JsonNode shown, JsonNode actual) {
        BigDecimal told = shown.decimalValue();
        BigDecimal found = actual.decimalValue();
        if (path.contains(".iterations")) {
            double ratio = found.doubleValue() / told.doubleValue();
            return ratio > 0.5 && ratio < 2;
        }
        BigDecimal unit = told.scale() > 0 ? BigDecimal.ONE.movePointLeft(told.scale()) : BigDecimal.ZERO;
        return told.subtract(found).abs().compareTo(unit) <= 0;
    }

    private static boolean isAnything(JsonNode node) {
        return node.isString() && node.stringValue().equals(ANYTHING);
    }

    /** Makes JSON of it: a bare ellipsis becomes a text, and a field of that name in an object. */
    private static String quoted(String text) {
        var json = new StringBuilder();
        Deque<Character> open = new ArrayDeque<>();
        boolean inText = false;
        char before = ' ';
        for (char c : text.toCharArray()) {
            if (c == '"' && before != '\\') {
                inText = !inText;
            } else if (!inText && (c == '{' || c == '[')) {
                open.push(c);
            } else if (!inText && (c == '}' || c == ']')) {
                open.pop();
            }
            boolean isField = !open.isEmpty() && open.peek() == '{' && (before == ',' || before == '{');
            json.append(inText || c != '…' ? String.valueOf(c) : isField ? "\"…\": \"…\"" : "\"…\"");
            before = Character.isWhitespace(c) && !inText ? before : c;
        }
        return json.toString();
    }

    private static Optional<String> told(String path, String what) {
        return Optional.of("%s %s".formatted(path.isEmpty() ? "the answer" : path.replaceFirst("^\\.", ""), what));
    }

    private static String shortened(JsonNode node) {
        String text = node.toString();
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
