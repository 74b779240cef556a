package io.github.latentdock;

import java.util.Locale;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Serves the autoencoders of a model repository. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class Latentdock {

    public static void main(String[] args) {
        // Whatever is formatted is read by machines, and TorchScript reads no other digits than ASCII's.
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        SpringApplication.run(Latentdock.class, args);
    }
}
