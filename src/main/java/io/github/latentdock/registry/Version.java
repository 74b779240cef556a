package io.github.latentdock.registry;

import java.nio.file.Path;

/** A numbered checkpoint of a model. It never changes; if somebody changes its files nevertheless, that is another object. */
public sealed interface Version {

    /** The model's name. */
    String model();

    int number();

    /**
     * A version whose manifest, file names and headers are right. Whether the contents are, {@link ModelRepository#verify} tells.
     *
     * @param folder where its files are
     */
    record Sound(String model, int number, Manifest manifest, Path folder) implements Version {}

    /** A version that cannot be served. */
    record Faulty(String model, int number, String reason) implements Version {}
}
