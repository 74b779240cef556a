package io.github.latentdock.autoencoder;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A model that cannot be what it says it is: its network, or its weights. Every fault that was found is listed. */
public final class InvalidModelException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final int TOLD = 5;

    /**
     * One thing that is wrong.
     *
     * @param where a weight's key, such as {@code decoder.0.weight}, or a path such as {@code network.encoder[2].out_channels};
     *     a file's name where the file as a whole is broken
     * @param detail what was found there and what would be right
     */
    public record Fault(String where, String detail) {

        private static final Pattern GOES_ON = Pattern.compile("(is|has|must|needs|gives|would) ");

        /** As {@link #toString}, read aloud: {@code network.latent is missing}. */
        public String sentence() {
            return where + (GOES_ON.matcher(detail).lookingAt() ? " " : ": ") + detail;
        }

        @Override
        public String toString() {
            return where + ": " + detail;
        }
    }

    @SuppressWarnings("serial")
    private final List<Fault> faults;

    /** @throws IllegalArgumentException when there are no faults */
    public InvalidModelException(List<Fault> faults) {
        super(message(faults));
        this.faults = List.copyOf(faults);
    }

    InvalidModelException(String where, String detail) {
        this(List.of(new Fault(where, detail)));
    }

    /** What is wrong; never empty. */
    public List<Fault> faults() {
        return faults;
    }

    private static String message(List<Fault> faults) {
        if (faults.isEmpty()) {
            throw new IllegalArgumentException("an invalid model needs a fault");
        }
        String told = faults.stream().limit(TOLD).map(Fault::toString).collect(Collectors.joining("; "));
        return faults.size() <= TOLD ? told : "%s; and %d more".formatted(told, faults.size() - TOLD);
    }
}
