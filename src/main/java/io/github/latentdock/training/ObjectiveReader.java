package io.github.latentdock.training;

import io.github.latentdock.autoencoder.Corruption;
import io.github.latentdock.autoencoder.Objective;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes a field that is null for one that is absent, also where the type has no such field: generated clients send all fields of
 * all types.
 */
final class ObjectiveReader extends ValueDeserializer<Objective> {

    private static final String NOISE = "noise";

    @Override
    public Objective deserialize(JsonParser parser, DeserializationContext context) {
        JsonNode sent = context.readTree(parser);
        if (!sent.isObject()) {
            throw noObject(Objective.class, parser, context);
        }
        removeNulls(sent);
        if (sent.path(NOISE).isArray()) {
            throw noObject(Corruption.class, parser, context).prependPath(Objective.class, NOISE);
        }
        return context.readTreeAsValue(sent, Objective.class);
    }

    /** Not by what the type says of itself: that is for the second reading. */
    @Override
    public Object deserializeWithType(JsonParser parser, DeserializationContext context, TypeDeserializer type) {
        return deserialize(parser, context);
    }

    /** A list would be taken for a type and the fields that go with it. */
    private static DatabindException noObject(Class<?> type, JsonParser parser, DeserializationContext context) {
        return InvalidTypeIdException.from(parser, "no object", context.constructType(type), null);
    }

    private static void removeNulls(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.removeNulls();
            object.values().forEach(ObjectiveReader::removeNulls);
        }
    }
}
