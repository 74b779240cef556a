package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;

/** The file that holds a model's aliases: {@code {"default": 3}}. */
final class Aliases {

    static final String FILE = "aliases.json";
    static final int MAX_BYTES = 1 << 20;

    private Aliases() {}

    /** @throws Problem telling what is wrong */
    static SortedMap<String, Integer> parse(byte[] json) {
        JsonNode document;
        try {
            document = JsonFields.JSON.readTree(json);
        } catch (JacksonException e) {
            throw Problem.malformed(FILE, "%s is not JSON: %s".formatted(FILE, e.getOriginalMessage()));
        }
        if (!document.isObject()) {
            throw Problem.malformed(FILE, FILE + " must be an object such as {\"default\": 3}");
        }
        var fields = new JsonFields(document);
        var aliases = new TreeMap<String, Integer>();
        for (String alias : fields.keys()) {
            Long number = fields.count(alias, 1);
            if (!Names.isAlias(alias)) {
                fields.fault(alias, "is no alias, it must match %s".formatted(Names.ALIAS));
            } else if (fields.isAbsent(alias) || number != null && !Names.isVersion(number.toString())) {
                fields.fault(alias, "is %s, it must be the number of a version".formatted(number));
            } else if (number != null) {
                aliases.put(alias, number.intValue());
            }
        }
        if (!fields.faults().isEmpty()) {
            throw Problem.of(Fault.INVALID, fields.faults());
        }
        return Collections.unmodifiableSortedMap(aliases);
    }

    static byte[] write(SortedMap<String, Integer> aliases) {
        return JsonFields.JSON.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(aliases);
    }
}
