package io.github.latentdock;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** Shows people with a browser to Swagger UI; programs are told that there is nothing at the root. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "springdoc.swagger-ui.enabled", matchIfMissing = true)
class FrontDoor {

    @Bean
    RouterFunction<ServerResponse> rootForBrowsers(@Value("${springdoc.swagger-ui.path}") String swaggerUi) {
        return RouterFunctions.route(
                RequestPredicates.GET("/").and(FrontDoor::namesHtml),
                request -> ServerResponse.status(HttpStatus.FOUND)
                        .header("Location", swaggerUi)
                        .build());
    }

    /** By its name, as a browser does: whoever takes anything wants no page. */
    private static boolean namesHtml(ServerRequest request) {
        return request.headers().accept().stream().anyMatch(MediaType.TEXT_HTML::equalsTypeAndSubtype);
    }
}
