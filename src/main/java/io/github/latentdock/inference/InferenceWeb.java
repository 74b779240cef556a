package io.github.latentdock.inference;

import java.util.List;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** Puts the parts of the API together in Spring MVC. */
@Configuration(proxyBeanMethods = false)
class InferenceWeb implements WebMvcConfigurer {

    private final InferenceInterceptor interceptor;
    private final InferenceArguments arguments;
    private final JsonMapper json;

    InferenceWeb(InferenceInterceptor interceptor, InferenceArguments arguments, JsonMapper json) {
        this.interceptor = interceptor;
        this.arguments = arguments;
        this.json = json;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(interceptor).addPathPatterns("/v1/**");
        registry.addInterceptor(new QueryParameters()).addPathPatterns("/v1/**");
    }

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(arguments);
    }

    @Override
    public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
        converters.addCustomConverter(new TensorRequestConverter(json));
        converters.addCustomConverter(new TensorResponseConverter());
    }
}
