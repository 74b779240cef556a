package io.github.latentdock.inference;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.Adapter;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Tells whether the client of a request has hung up, which no servlet API does: once the body is read, Tomcat looks at the
 * socket again only to write. A client that only closes its sending half has hung up as well.
 *
 * <p>Asking for available bytes ({@code ActionCode.AVAILABLE}) would not do: after the body is read it overwrites what the client
 * sent early of its next request.
 */
interface ClientConnection {

    /** To be called by the request's own thread, so that nothing else reads the socket meanwhile. */
    boolean isGone();

    static ClientConnection of(ServletRequest request) {
        return (ClientConnection) request.getAttribute(ClientConnection.class.getName());
    }

    /** What is left of the body is not waited for; the connection ends with the answer. */
    default void forgetBody() {}

    /** Asks before any more of the request's body is read, by whatever way; the answer may be to throw. */
    default void watchBody(LongConsumer bytesSoFar) {}

    @Configuration(proxyBeanMethods = false)
    class Server {

        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> clientConnections() {
            return factory -> {
                factory.setProtocol(Protocol.class.getName());
                factory.addContextValves(new Remember());
            };
        }
    }

    /** HTTP/1.1 whose requests know their connection. Made by Tomcat from its class name. */
    final class Protocol extends Http11NioProtocol {

        @Override
        protected Processor createProcessor() {
            return new Connection(this, getAdapter());
        }
    }

    /** Serves one request of a connection after the other. */
    final class Connection extends Http11Processor implements ClientConnection {

        /** Where Tomcat's requests keep what others note of them; a processor has one request for all its life. */
        private static final int NOTE = org.apache.coyote.Constants.MAX_NOTES - 1;

        private static final LongConsumer UNWATCHED = bytes -> {};

        private final ByteBuffer oneByte = ByteBuffer.allocate(1);
        private LongConsumer watch = UNWATCHED;

        Connection(AbstractHttp11Protocol<?> protocol, Adapter adapter) {
            super(protocol, adapter);
            request.setNote(NOTE, this);
            InputBuffer body = request.getInputBuffer();
            request.setInputBuffer(new InputBuffer() {
                @Override
                public int doRead(ApplicationBufferHandler handler) throws IOException {
                    watch.accept(request.getBytesRead());
                    return body.doRead(handler);
                }

                @Override
                public int available() {
                    return body.available();
                }
            });
        }

        @Override
        public void watchBody(LongConsumer bytesSoFar) {
            watch = bytesSoFar;
        }

        @Override
        public void forgetBody() {
            // Not the action of that name, which would have Tomcat write an error page after the answer.
            disableSwallowRequest();
        }

        @Override
        public boolean isGone() {
            SocketWrapperBase<?> socket = getSocketWrapper();
            if (socket == null) {
                return true;
            }
            try {
                int read = socket.read(false, oneByte.clear());
                if (read > 0) {
                    socket.unRead(oneByte.flip());
                }
                return read < 0;
            } catch (IOException ended) {
                return true;
            }
        }
    }

    /** Hands the connection on to the servlet's request. */
    final class Remember extends ValveBase {

        Remember() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            Object noted = request.getCoyoteRequest().getNote(Connection.NOTE);
            ClientConnection connection = noted instanceof ClientConnection known ? known : () -> false;
            connection.watchBody(Connection.UNWATCHED);
            request.setAttribute(ClientConnection.class.getName(), connection);
            getNext().invoke(request, response);
        }
    }
}
