package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.util.ArrayList;
import java.util.List;

/** Collects the numbers of a part of a plan that are out of bounds. */
final class Bounds {

    private final String part;
    private final List<Fault> faults = new ArrayList<>();

    Bounds(String part) {
        this.part = part;
    }

    Bounds least(String name, double value, double least) {
        return check(name, value, value >= least, "at least %s".formatted(written(least)));
    }

    Bounds more(String name, double value, double bound) {
        return check(name, value, value > bound, "more than %s".formatted(written(bound)));
    }

    Bounds check(String name, double value, boolean holds, String needed) {
        if (!holds || !Double.isFinite(value)) {
            faults.add(new Fault("%s.%s".formatted(part, name), "is %s; must be %s".formatted(written(value), needed)));
        }
        return this;
    }

    /** As people write it: whole numbers without a point. */
    private static String written(double number) {
        return number == (int) number ? String.valueOf((int) number) : String.valueOf(number);
    }

    List<Fault> faults() {
        return faults;
    }
}
