package io.github.latentdock.serving;

import io.github.latentdock.testing.Http;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The document at {@code /v3/api-docs}. */
record OpenApi(JsonNode document) {

    static final String PATH = "/v3/api-docs";

    /** @param json what the document tells of it */
    record Operation(String method, String path, JsonNode json) {

        String id() {
            return json.path("operationId").asString();
        }

        /** The path with the examples of its parameters. */
        String examplePath() {
            String filled = path;
            for (JsonNode parameter : json.path("parameters")) {
                filled = filled.replace(
                        "{%s}".formatted(parameter.path("name").asString()),
                        parameter.path("example").asString());
            }
            return filled;
        }

        private boolean takes(String otherMethod, String otherPath) {
            return method.equals(otherMethod) && Pattern.matches(path.replaceAll("\\{[^}]+}", "[^/]+"), otherPath);
        }
    }

    static OpenApi of(Http http) {
        return new OpenApi(http.get(PATH).json());
    }

    List<Operation> operations() {
        var operations = new ArrayList<Operation>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(method -> operations.add(new Operation(
                                method.getKey().toUpperCase(java.util.Locale.ROOT),
                                path.getKey(),
                                method.getValue()))));
        return operations;
    }

    Set<String> operationIds() {
        var ids = new LinkedHashSet<String>();
        operations().forEach(operation -> ids.add(operation.id()));
        return ids;
    }

    Operation operation(String id) {
        return operations().stream()
                .filter(operation -> operation.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** The operation that a request goes to. */
    Optional<Operation> operation(String method, String path) {
        return operations().stream()
                .filter(operation -> operation.takes(method, path))
                .findFirst();
    }

    /** A node, or what it refers to. */
    JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asString().substring(1)) : node;
    }

    /** What of a value contradicts a schema; nothing is allowed that is not documented. */
    List<String> faults(String at, JsonNode value, JsonNode schemaOrRef) {
        JsonNode schema = resolve(schemaOrRef);
        var faults = new ArrayList<String>();
        if (schema.isEmpty()) {
            return faults;
        }
        if (!isOfType(value, schema.path("type"))) {
            faults.add("%s is %s, not %s".formatted(at, value.getNodeType(), schema.path("type")));
        }
        if (schema.has("enum") && schema.path("enum").valueStream().noneMatch(value::equals)) {
            faults.add("%s is %s, not one of %s".formatted(at, value, schema.path("enum")));
        }
        schema.path("required").forEach(field -> {
            if (!value.has(field.asString())) {
                faults.add("%s has no %s".formatted(at, field.asString()));
            }
        });
        value.properties().forEach(field -> {
            JsonNode known = schema.path("properties").path(field.getKey());
            JsonNode fieldSchema = known.isMissingNode() ? schema.path("additionalProperties") : known;
            if (fieldSchema.isMissingNode()) {
                faults.add("%s.%s is not documented".formatted(at, field.getKey()));
            } else {
                faults.addAll(faults(at + "." + field.getKey(), field.getValue(), fieldSchema));
            }
        });
        if (value.isArray() && schema.has("items")) {
            value.forEach(item -> faults.addAll(faults(at + "[]", item, schema.path("items"))));
        }
        return faults;
    }

    private static boolean isOfType(JsonNode value, JsonNode types) {
        if (types.isArray()) {
            return types.valueStream().anyMatch(type -> isOfType(value, type));
        }
        return switch (types.asString("")) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "null" -> value.isNull();
            default -> types.isMissingNode();
        };
    }
}
