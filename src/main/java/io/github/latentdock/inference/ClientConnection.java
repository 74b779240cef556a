package io.github.latentdock.inference;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Tells whether the client of a request has hung up, which no servlet API does: once the body is read, Tomcat looks at the
 * socket again only to write. Used by the request's own thread, so nothing else reads the socket meanwhile.
 */
final class ClientConnection {

    private static final String ATTRIBUTE = ClientConnection.class.getName();

    private final org.apache.coyote.Request request;
    private boolean ended;

    private ClientConnection(org.apache.coyote.Request request) {
        this.request = request;
    }

    static ClientConnection of(ServletRequest request) {
        return (ClientConnection) request.getAttribute(ATTRIBUTE);
    }

    /**
     * Tomcat reports an ended connection as one available byte, which the next read would turn into the error. A client that
     * sends its next request early has more than one byte there, and the second look tells a slow one of those apart.
     */
    boolean isGone() {
        request.action(ActionCode.AVAILABLE, true);
        boolean endedBefore = ended;
        ended = request.getAvailable() == 1;
        return ended && endedBefore;
    }

    /** What is left of the body is not waited for; the connection ends with the answer. */
    void forgetBody() {
        request.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
    }

    @Configuration(proxyBeanMethods = false)
    static class Valves {

        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> clientConnections() {
            return factory -> factory.addContextValves(new Remember());
        }
    }

    private static final class Remember extends ValveBase {

        Remember() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            request.setAttribute(ATTRIBUTE, new ClientConnection(request.getCoyoteRequest()));
            getNext().invoke(request, response);
        }
    }
}
