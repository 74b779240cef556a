package io.github.latentdock.inference;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.web.accept.HeaderContentNegotiationStrategy;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Takes accepted types without a charset: JSON is UTF-8 always, nothing else here has one, and whoever asks for another can read it. */
@Configuration(proxyBeanMethods = false)
class AcceptedTypes implements WebMvcConfigurer {

    private static final String CHARSET = "charset";

    @Override
    public void configureContentNegotiation(ContentNegotiationConfigurer configurer) {
        var header = new HeaderContentNegotiationStrategy();
        configurer.strategies(List.of(request -> header.resolveMediaTypes(request).stream()
                .map(AcceptedTypes::withoutCharset)
                .toList()));
    }

    private static MediaType withoutCharset(MediaType type) {
        if (type.getParameter(CHARSET) == null) {
            return type;
        }
        Map<String, String> others = new LinkedHashMap<>(type.getParameters());
        others.keySet().removeIf(CHARSET::equalsIgnoreCase);
        return new MediaType(type.getType(), type.getSubtype(), others);
    }
}
