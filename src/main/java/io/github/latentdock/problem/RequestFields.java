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
import tools.jackson.databind.deser.DeserializationProblemHandler;

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
    private static Problem unknown(
            JsonParser parser, @Nullable Collection<Object> known, Object beanOrClass, String first) {
        var names = new TreeSet<String>();
        if (known != null) {
            known.forEach(name -> names.add(String.valueOf(name)));
        }
        var errors = new ArrayList<FieldError>();
        errors.add(unknown(first, names));
        parser.skipChildren();
        while (errors.size() < MOST_TOLD && parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (!names.contains(name)) {
                errors.add(unknown(name, names));
            }
            parser.nextToken();
            parser.skipChildren();
        }
        if (beanOrClass instanceof Record body) {
            errors.addAll(missing(body));
        }
        return Problem.of(Fault.MALFORMED, errors);
    }

    private static FieldError unknown(String name, Collection<String> known) {
        String field = Words.shortened(name);
        return new FieldError(
                field,
                "There is no field %s; there %s %s"
                        .formatted(field, known.size() == 1 ? "is" : "are", String.join(", ", known)));
    }

    private static List<FieldError> missing(Record body) {
        return REQUIRED.get(body.getClass()).stream()
                .filter(component -> value(component, body) == null)
                .map(component -> new FieldError(component.getName(), component.getName() + " is missing"))
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
            Object body,
            HttpInputMessage message,
            MethodParameter parameter,
            Type type,
            Class<? extends HttpMessageConverter<?>> converter) {
        List<FieldError> missing = missing((Record) body);
        if (!missing.isEmpty()) {
            throw Problem.of(Fault.INVALID, missing);
        }
        return body;
    }
}
