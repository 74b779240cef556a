package io.github.latentdock.training;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.problem.UnreadableJson;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.TreeTraversingParser;

/**
 * Reads plans on past what does not fit, so that all of it is told at once. A misspelt choice is one more fault of a plan that can be
 * read otherwise; with anything else that does not fit it is none.
 */
final class PlanReader extends DelegatingDeserializer {

    /** A body may hold any number of things that do not fit, and each is read up to. */
    private static final int MOST_READINGS = 20;

    private PlanReader(ValueDeserializer<?> reader) {
        super(reader);
    }

    /** Has every {@link PlanRequest} read like this. */
    static JacksonModule module() {
        return new SimpleModule("plans").setDeserializerModifier(new ValueDeserializerModifier() {
            private static final long serialVersionUID = 1L;

            @Override
            public ValueDeserializer<?> modifyDeserializer(
                    DeserializationConfig config, BeanDescription.Supplier bean, ValueDeserializer<?> reader) {
                return bean.getBeanClass() == PlanRequest.class ? new PlanReader(reader) : reader;
            }
        });
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> reader) {
        return new PlanReader(reader);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) {
        JsonNode sent = context.readTree(parser);
        var choices = new ArrayList<FieldError>();
        var others = new ArrayList<FieldError>();
        var gone = new HashSet<String>();
        for (int reading = 1; ; reading++) {
            try {
                PlanRequest read = read(sent, context);
                if (choices.isEmpty() && others.isEmpty()) {
                    return read;
                }
                break;
            } catch (DatabindException failure) {
                List<FieldError> errors = UnreadableJson.errors("", failure);
                boolean choice = isChoice(sent, failure, errors);
                boolean goesOn = reading < MOST_READINGS && takeOut(sent, failure, errors, gone);
                if (!goesOn && choices.isEmpty() && others.isEmpty()) {
                    throw failure;
                }
                List<FieldError> told = choice ? choices : others;
                errors.stream().filter(error -> !gone.contains(error.field())).forEach(told::add);
                errors.forEach(error -> gone.add(error.field()));
                if (!goesOn) {
                    break;
                }
            }
        }
        if (!others.isEmpty()) {
            choices.addAll(others);
            throw Problem.of(Fault.MALFORMED, choices);
        }
        // What else is wrong beside a choice may depend on what was meant.
        choices.forEach(choice -> remove(sent, PlanCheck.top(choice.field())));
        return read(sent, context).unread(choices);
    }

    private PlanRequest read(JsonNode sent, DeserializationContext context) {
        try (JsonParser parser = new TreeTraversingParser(sent, context)) {
            parser.nextToken();
            return (PlanRequest) super.deserialize(parser, context);
        }
    }

    /** Where a text belongs, and another one is. */
    private static boolean isChoice(JsonNode sent, DatabindException failure, List<FieldError> errors) {
        return switch (failure) {
            case InvalidTypeIdException type ->
                type.getTypeId() != null
                        && errors.stream()
                                .allMatch(error -> at(sent, error.field()).isString());
            case InvalidFormatException format ->
                format.getTargetType() != null
                        && format.getTargetType().isEnum()
                        && format.getValue() instanceof String;
            default -> false;
        };
    }

    /** Takes out what did not fit, an object of an unknown type as a whole; of what is missing, the object that needs it. */
    private static boolean takeOut(
            JsonNode sent, DatabindException failure, List<FieldError> errors, Set<String> gone) {
        boolean any = false;
        for (FieldError error : errors) {
            String field = error.field();
            if (failure instanceof InvalidTypeIdException type && type.getTypeId() != null) {
                field = parent(field);
                gone.add(field);
            }
            any |= remove(sent, field) || remove(sent, parent(field));
        }
        return any;
    }

    private static String parent(String field) {
        return field.substring(0, Math.max(0, field.lastIndexOf('.')));
    }

    /** @return false when there was none */
    private static boolean remove(JsonNode sent, String field) {
        return at(sent, parent(field)) instanceof ObjectNode object
                && object.remove(field.substring(field.lastIndexOf('.') + 1)) != null;
    }

    private static JsonNode at(JsonNode sent, String field) {
        JsonNode found = sent;
        if (!field.isEmpty()) {
            for (String step : field.split("\\.", -1)) {
                found = found.path(step);
            }
        }
        return found;
    }
}
