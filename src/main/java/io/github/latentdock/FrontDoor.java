package io.github.latentdock;

import io.swagger.v3.oas.annotations.Hidden;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.NoHandlerFoundException;

/** Shows people with a browser to Swagger UI; programs are told that there is nothing at the root. */
@Hidden
@RestController
@ConditionalOnProperty(name = "springdoc.swagger-ui.enabled", matchIfMissing = true)
class FrontDoor {

    private final String swaggerUi;

    FrontDoor(@Value("${springdoc.swagger-ui.path}") String swaggerUi) {
        this.swaggerUi = swaggerUi;
    }

    /** A browser names HTML; whoever takes anything wants no page. */
    @RequestMapping("/")
    ResponseEntity<Void> root(
            HttpMethod method, @RequestHeader(name = HttpHeaders.ACCEPT, required = false) @Nullable String accept)
            throws NoHandlerFoundException {
        if (method.equals(HttpMethod.GET) && accept != null && accept.contains(MediaType.TEXT_HTML_VALUE)) {
            return ResponseEntity.status(HttpStatus.FOUND)
                    .header(HttpHeaders.LOCATION, swaggerUi)
                    .build();
        }
        throw new NoHandlerFoundException(method.name(), "/", new HttpHeaders());
    }
}
