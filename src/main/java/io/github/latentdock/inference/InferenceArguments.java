package io.github.latentdock.inference;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.HandlerMapping;

/** Gives controllers the model that the path names, held until the request ends, and the request's {@link Call}. */
@Component
final class InferenceArguments implements HandlerMethodArgumentResolver {

    static final String VERSION_HEADER = "X-Model-Version";

    private final LoadedModels models;

    InferenceArguments(LoadedModels models) {
        this.models = models;
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == LoadedModel.class || parameter.getParameterType() == Call.class;
    }

    @Override
    public Object resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest web,
            @Nullable WebDataBinderFactory binders) {
        var request = Objects.requireNonNull(web.getNativeRequest(HttpServletRequest.class));
        if (parameter.getParameterType() == Call.class) {
            return Objects.requireNonNull(request.getAttribute(InferenceInterceptor.CALL));
        }
        Map<?, ?> path = (Map<?, ?>) Objects.requireNonNull(
                web.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE, RequestAttributes.SCOPE_REQUEST));
        LoadedModel model = models.hold(
                String.valueOf(path.get("model")),
                path.get("version") instanceof String version ? version : "default",
                (Call) Objects.requireNonNull(request.getAttribute(InferenceInterceptor.CALL)));
        request.setAttribute(InferenceInterceptor.MODEL, model);
        Objects.requireNonNull(web.getNativeResponse(HttpServletResponse.class))
                .setIntHeader(VERSION_HEADER, model.version());
        return model;
    }
}
