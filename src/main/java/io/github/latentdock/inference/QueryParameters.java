package io.github.latentdock.inference;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.problem.Words;
import io.github.latentdock.tensor.Payload;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.core.MethodParameter;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Refuses query parameters that would do nothing, at any operation: a misspelt one must not silently be a default. */
final class QueryParameters implements HandlerInterceptor {

    /** A query may have any number of them. */
    private static final int MOST_TOLD = 10;

    private final Map<Method, Known> known = new ConcurrentHashMap<>();

    /**
     * What an operation knows.
     *
     * @param always query parameters whatever the body is
     * @param fields fields of the JSON body
     * @param options the fields that are query parameters beside another body
     */
    private record Known(SortedSet<String> always, Set<String> fields, Set<String> options) {

        SortedSet<String> with(boolean isJson) {
            var all = new TreeSet<>(always);
            all.addAll(isJson ? Set.of() : options);
            return all;
        }
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (request.getQueryString() != null
                && handler instanceof HandlerMethod method
                // What is not documented refuses whatever is asked, and says why.
                && !method.getBeanType().isAnnotationPresent(Hidden.class)) {
            check(request, known.computeIfAbsent(method.getMethod(), ignored -> known(method)));
        }
        return true;
    }

    private static void check(HttpServletRequest request, Known known) {
        boolean isJson = !known.fields().isEmpty() && isJson(request);
        SortedSet<String> right = known.with(isJson);
        var errors = new ArrayList<FieldError>();
        for (String name : names(request)) {
            if (!right.contains(name) && errors.size() < MOST_TOLD) {
                errors.add(new FieldError(Words.shortened(name), wrong(name, known, right, isJson)));
            }
        }
        if (!errors.isEmpty()) {
            throw Problem.of(Fault.MALFORMED, errors);
        }
    }

    /** A multipart body is not read for them: that is for whoever bounds it. */
    private static SortedSet<String> names(HttpServletRequest request) {
        String type = request.getContentType();
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
            return new TreeSet<>(request.getParameterMap().keySet());
        }
        return Arrays.stream(request.getQueryString().split("&"))
                .filter(parameter -> !parameter.isEmpty())
                .map(parameter -> parameter.split("=", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String wrong(String name, Known known, SortedSet<String> right, boolean isJson) {
        if (!known.fields().contains(name)) {
            return "There is no query parameter '%s' here; there %s".formatted(Words.shortened(name), listed(right));
        }
        return isJson
                ? "%s belongs into the JSON body; as a query parameter it does nothing".formatted(name)
                : "%s cannot be a query parameter: send all of it as application/json".formatted(name);
    }

    private static boolean isJson(HttpServletRequest request) {
        String type = request.getContentType();
        return type != null && MediaType.APPLICATION_JSON.isCompatibleWith(MediaType.parseMediaType(type));
    }

    private static String listed(SortedSet<String> names) {
        return switch (names.size()) {
            case 0 -> "are none";
            case 1 -> "is " + names.first();
            default -> "are " + String.join(", ", names);
        };
    }

    private static Known known(HandlerMethod method) {
        var always = new TreeSet<String>();
        var fields = new TreeSet<String>();
        var options = new TreeSet<String>();
        for (MethodParameter parameter : method.getMethodParameters()) {
            if (parameter.hasParameterAnnotation(RequestParam.class)) {
                always.add(parameter.getParameter().getName());
            } else if (parameter.hasParameterAnnotation(RequestBody.class)) {
                RecordComponent[] body = Objects.requireNonNull(
                        parameter.getParameterType().getRecordComponents(), "bodies are records");
                Arrays.stream(body).map(RecordComponent::getName).forEach(fields::add);
                if (TensorRequest.class.isAssignableFrom(parameter.getParameterType())) {
                    options.addAll(Arrays.stream(body)
                            .filter(component -> component.getType() != Payload.class)
                            .map(RecordComponent::getName)
                            .collect(Collectors.toSet()));
                }
            }
        }
        return new Known(always, fields, options);
    }
}
