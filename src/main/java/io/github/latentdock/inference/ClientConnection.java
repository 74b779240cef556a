package io.github.latentdock.inference;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.Adapter;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
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

    /** Of what Tomcat refuses before anything of ours sees it. */
    ClientConnection UNKNOWN = () -> false;

    /** To be called by the request's own thread, so that nothing else reads the socket meanwhile. */
    boolean isGone();

    static ClientConnection of(ServletRequest request) {
        return request.getAttribute(ClientConnection.class.getName()) instanceof ClientConnection known
                ? known
                : UNKNOWN;
    }

    /** What is left of the body is not read; the connection ends with the answer. */
    default void forgetBody() {}

    /** Whether the connection ends with the answer for that. */
    default boolean isBodyForgotten() {
        return false;
    }

    /** Asks before any more of the request's body is read, by whatever way, and while it is waited for. */
    default void watchBody(BodyArrival.Patience patience) {}

    /** For an answer that is there before all of the body is: how long the rest is read and thrown away. */
    default void swallowBody(BodyArrival.Patience patience) {}

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

        /** How often it is looked whether bodies that are being read are still waited for. */
        private static final long LOOK_MILLIS = 100;

        private final Set<Connection> busy = ConcurrentHashMap.newKeySet();

        /** Connections with a part of a request's head, and when it was found that it is not all there. */
        private final Map<SocketWrapperBase<?>, Long> heads = new ConcurrentHashMap<>();

        private @Nullable ScheduledFuture<?> looks;

        @Override
        protected Processor createProcessor() {
            return new Connection(this, getAdapter());
        }

        @Override
        public void start() throws Exception {
            super.start();
            looks = getUtilityExecutor()
                    .scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }

        private void look() {
            busy.forEach(connection -> connection.arrival.look());
            // Tomcat gives every byte of a head this time; here it is for all of them.
            long limit = TimeUnit.MILLISECONDS.toNanos(getConnectionTimeout());
            long now = System.nanoTime();
            heads.forEach((socket, since) -> {
                if (socket.isClosed()) {
                    heads.remove(socket);
                } else if (limit > 0 && now - since > limit) {
                    heads.remove(socket);
                    endInput(socket);
                }
            });
        }

        /** What reads ends as if the client had sent all it will; an answer can still be written. */
        private static void endInput(@Nullable SocketWrapperBase<?> socket) {
            if (socket != null && socket.getSocket() instanceof NioChannel channel) {
                try {
                    channel.getIOChannel().shutdownInput();
                } catch (IOException ended) {
                    // Which is what was wanted.
                }
            }
        }

        @Override
        public void stop() throws Exception {
            if (looks != null) {
                looks.cancel(false);
            }
            super.stop();
        }
    }

    /** Serves one request of a connection after the other. */
    final class Connection extends Http11Processor implements ClientConnection {

        /** Where Tomcat's requests keep what others note of them; a processor has one request for all its life. */
        private static final int NOTE = org.apache.coyote.Constants.MAX_NOTES - 1;

        private final Protocol protocol;
        private final BodyArrival arrival =
                new BodyArrival(request::getBytesRead, () -> Protocol.endInput(getSocketWrapper()));
        private final ByteBuffer oneByte = ByteBuffer.allocate(1);
        private boolean forgotten;

        Connection(Protocol protocol, Adapter adapter) {
            super(protocol, adapter);
            this.protocol = protocol;
            request.setNote(NOTE, this);
            InputBuffer body = request.getInputBuffer();
            request.setInputBuffer(new InputBuffer() {
                @Override
                public int doRead(ApplicationBufferHandler handler) throws IOException {
                    try {
                        return arrival.read(() -> body.doRead(handler));
                    } catch (IOException | RuntimeException failed) {
                        forgetBody();
                        throw failed;
                    }
                }

                @Override
                public int available() {
                    return body.available();
                }
            });
        }

        @Override
        public SocketState service(SocketWrapperBase<?> socket) throws IOException {
            protocol.busy.add(this);
            try {
                SocketState state = super.service(socket);
                if (state == SocketState.LONG && !isAsync()) {
                    protocol.heads.putIfAbsent(socket, System.nanoTime());
                } else {
                    protocol.heads.remove(socket);
                }
                return state;
            } finally {
                protocol.busy.remove(this);
            }
        }

        private void begin() {
            protocol.heads.remove(getSocketWrapper());
            forgotten = false;
            arrival.begin();
        }

        @Override
        public void watchBody(BodyArrival.Patience patience) {
            arrival.watch(patience);
        }

        @Override
        public void swallowBody(BodyArrival.Patience patience) {
            if (!isRequestBodyFullyRead()) {
                arrival.waitFor(patience);
            }
        }

        @Override
        public void forgetBody() {
            forgotten = true;
            // Not the action of that name, which would have Tomcat write an error page after the answer.
            disableSwallowRequest();
        }

        @Override
        public boolean isBodyForgotten() {
            return forgotten;
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
            ClientConnection connection = UNKNOWN;
            if (noted instanceof Connection known) {
                known.begin();
                connection = known;
            }
            request.setAttribute(ClientConnection.class.getName(), connection);
            getNext().invoke(request, response);
        }
    }
}
