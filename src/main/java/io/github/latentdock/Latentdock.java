package io.github.latentdock;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Serves the autoencoders of a model repository. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class Latentdock {

    public static void main(String[] args) {
        SpringApplication.run(Latentdock.class, args);
    }
}
