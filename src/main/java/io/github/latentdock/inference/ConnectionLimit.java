package io.github.latentdock.inference;

import org.apache.coyote.AbstractProtocol;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Never lets more connections in than the heap can bear, whatever {@code server.tomcat.max-connections} says. */
@Configuration(proxyBeanMethods = false)
class ConnectionLimit {

    /** Buffers for one connection whose headers are under way, about 40 KB, with as much again for all else. */
    private static final long HEAP_BYTES = 128 << 10;

    /** Comes after Spring Boot's own, which sets the property. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> connectionsThatFit() {
        return factory -> factory.addConnectorCustomizers(connector -> {
            if (connector.getProtocolHandler() instanceof AbstractProtocol<?> protocol) {
                protocol.setMaxConnections(
                        most(protocol.getMaxConnections(), Runtime.getRuntime().maxMemory()));
            }
        });
    }

    static int most(int configured, long heap) {
        long fitting = heap / HEAP_BYTES;
        // Tomcat takes -1 for no limit at all.
        return configured < 0 || configured > fitting
                ? Math.toIntExact(Math.min(fitting, Integer.MAX_VALUE))
                : configured;
    }
}
