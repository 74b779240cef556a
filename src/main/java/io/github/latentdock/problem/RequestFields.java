package io.github.latentdock.problem;

import io.github.latentdock.problem.Problem.FieldError;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.deser.DeserializationProblemHandler;
import tools.jackson.databind.type.LogicalType;

/**
 * The fields of the records that JSON bodies are read into: those whose component may not be null must be there, and there are no
 * others. Both are told at once, for a misspelt field is also a missing one.
 */
@RestControllerAdvice
final class RequestFields extends RequestBodyAdviceAdapter {

    /** A body may have any number of fields that nobody knows. */
    private static final int MOST_TOLD = 10;

    /** Looked up once: this is done for every request. */
    private static final ClassValue<List<RecordComponent>> REQUIRED = new ClassValue<>() {
        @Override
        protected List<RecordComponent> computeValue(Class<?> body) {
            return Arrays.stream(body.getRecordComponents())
                    .filter(component -> !component.getType().isPrimitive()
                            && !component.getAnnotatedType().isAnnotationPresent(Nullable.class))
                    .peek(component -> component.getAccessor().setAccessible(true))
                    .toList();
        }
    };

    /** A number is no text, as a text is no number. */
    @Bean
    static JsonMapperBuilderCustomizer texts() {
        return builder -> builder.withCoercionConfig(
                LogicalType.Textual,
                config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
    }

    @Bean
    static JsonMapperBuilderCustomizer unknownFields() {
        return builder -> builder.addHandler(new DeserializationProblemHandler() {
            @Override
            public boolean handleUnknownProperty(
                    DeserializationContext context,
                    JsonParser parser,
                    ValueDeserializer<?> deserializer,
                    Object beanOrClass,
                    String name) {
                throw unknown(parser, deserializer.getKnownPropertyNames(), beanOrClass, name);
            }
        });
    }

    /** The parser is at the value of the first one. */
    private static UnknownFields unknown(
            JsonParser parser, @Nullable Collection<Object> known, Object beanOrClass, String first) {
        var names = new TreeSet<String>();
        if (known != null) {
            known.forEach(name -> names.add(String.valueOf(name)));
        }
        var unknown = new ArrayList<String>();
        unknown.add(first);
        parser.skipChildren();
        while (unknown.size() < MOST_TOLD && parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (!names.contains(name)) {
                unknown.add(name);
            }
            parser.nextToken();
            parser.skipChildren();
        }
        return new UnknownFields(
                parser, unknown, names, beanOrClass instanceof Record body ? missing(body) : List.of());
    }

    private static List<String> missing(Record body) {
        return REQUIRED.get(body.getClass()).stream()
                .filter(component -> value(component, body) == null)
                .map(RecordComponent::getName)
                .toList();
    }

    /** What a body must look like: {@code {"count": …}}. */
    static String example(Class<?> body) {
        return REQUIRED.get(body).stream()
                .map(component -> "\"%s\": …".formatted(component.getName()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static @Nullable Object value(RecordComponent component, Record body) {
        try {
            return component.getAccessor().invoke(body);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean supports(MethodParameter parameter, Type type, Class<? extends HttpMessageConverter<?>> converter) {
        return parameter.getParameterType().isRecord();
    }

    @Override
    public Object afterBodyRead(
            @Nullable Object body,
            HttpInputMessage message,
            MethodParameter parameter,
            Type type,
            Class<? extends HttpMessageConverter<?>> converter) {
        if (body == null) {
            throw Problem.malformed(
                    UnreadableJson.BODY,
                    "body is missing, %s is needed".formatted(UnreadableJson.neededBody(parameter.getParameterType())));
        }
        List<String> missing = missing((Record) body);
        if (!missing.isEmpty()) {
            throw Problem.of(
                    Fault.INVALID,
                    missing.stream()
                            .map(name -> new FieldError(name, name + " is missing"))
                            .toList());
        }
        return body;
    }
}
