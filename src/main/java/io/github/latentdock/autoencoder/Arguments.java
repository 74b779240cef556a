package io.github.latentdock.autoencoder;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one layer as a manifest declares them. A wrong one is reported and answered with something harmless, so that
 * all of them are reported at once.
 */
final class Arguments {

    private static final long MAX_INTEGER = 1 << 24;

    private final Map<?, ?> given;
    private final Site site;
    private final Set<String> known = new LinkedHashSet<>(Set.of("type"));

    Arguments(Map<?, ?> given, Site site) {
        this.given = given;
        this.site = site;
    }

    /** A required integer of at least 1. */
    int count(String name) {
        Object value = value(name);
        return value == null ? missing(name, "an integer of at least 1", 1) : integer(name, value, 1);
    }

    int count(String name, int otherwise) {
        Object value = value(name);
        return value == null ? otherwise : integer(name, value, 1);
    }

    /** A required integer of any sign. */
    int integer(String name) {
        Object value = value(name);
        return value == null ? missing(name, "an integer", 1) : integer(name, value, -MAX_INTEGER);
    }

    int integer(String name, int otherwise) {
        Object value = value(name);
        return value == null ? otherwise : integer(name, value, -MAX_INTEGER);
    }

    double number(String name, double otherwise, double least, double most) {
        Object value = value(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Number number && number.doubleValue() >= least && number.doubleValue() <= most) {
            return number.doubleValue();
        }
        site.fault(
                name,
                "is %s; must be a number %s"
                        .formatted(
                                quoted(value),
                                most == Float.MAX_VALUE
                                        ? least == -Float.MAX_VALUE ? "that is finite" : "of at least " + least
                                        : "from %s to %s".formatted(least, most)));
        return otherwise;
    }

    boolean flag(String name, boolean otherwise) {
        Boolean flag = flag(name);
        return flag == null ? otherwise : flag;
    }

    @Nullable
    Boolean flag(String name) {
        Object value = value(name);
        if (value == null || value instanceof Boolean) {
            return (Boolean) value;
        }
        site.fault(name, "is %s; must be true or false".formatted(quoted(value)));
        return null;
    }

    String choice(String name, String otherwise, String... allowed) {
        Object value = value(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof String text && List.of(allowed).contains(text)) {
            return text;
        }
        site.fault(name, "is %s; allowed are %s".formatted(quoted(value), String.join(", ", allowed)));
        return otherwise;
    }

    /** A required integer, for height and width alike, or a pair of them. */
    Pair pair(String name, int least) {
        Pair pair = optionalPair(name, least);
        return pair == null ? missing(name, "an integer or a pair of integers", new Pair(1, 1)) : pair;
    }

    Pair pair(String name, int least, Pair otherwise) {
        Pair pair = optionalPair(name, least);
        return pair == null ? otherwise : pair;
    }

    @Nullable
    Pair optionalPair(String name, int least) {
        Object value = value(name);
        return switch (value) {
            case null -> null;
            case List<?> list
            when list.size() == 2 ->
                new Pair(integer(name, list.getFirst(), least), integer(name, list.getLast(), least));
            case List<?> list -> {
                site.fault(name, "has %d values; must be an integer or a pair of integers".formatted(list.size()));
                yield new Pair(1, 1);
            }
            default -> {
                int both = integer(name, value, least);
                yield new Pair(both, both);
            }
        };
    }

    /** A number, for height and width alike, or a pair of them. */
    double @Nullable [] factors(String name) {
        Object value = value(name);
        return switch (value) {
            case null -> null;
            case Number number when factor(number) -> new double[] {number.doubleValue(), number.doubleValue()};
            case List<?> list
            when list.size() == 2
                    && list.getFirst() instanceof Number height
                    && list.getLast() instanceof Number width
                    && factor(height)
                    && factor(width) -> new double[] {height.doubleValue(), width.doubleValue()};
            default -> {
                site.fault(name, "is %s; must be a number above 0, or a pair of them".formatted(quoted(value)));
                yield new double[] {1, 1};
            }
        };
    }

    /** A required list of integers, or one integer. */
    int[] shape(String name, int least) {
        Object value = value(name);
        return switch (value) {
            case null -> missing(name, "a list of integers", new int[] {1});
            case List<?> list
            when !list.isEmpty() && list.size() <= 8 ->
                list.stream().mapToInt(size -> integer(name, size, least)).toArray();
            case List<?> list -> {
                site.fault(name, "has %d values; must be a list of 1 to 8 integers".formatted(list.size()));
                yield new int[] {1};
            }
            default -> new int[] {integer(name, value, least)};
        };
    }

    /** A value that somebody else understands; null where it is missing. */
    @Nullable
    Object any(String name) {
        return value(name);
    }

    /** To be called when all arguments were asked for: whatever else was given is a mistake. */
    void refuseOthers() {
        for (Object name : given.keySet()) {
            if (!(name instanceof String text && known.contains(text))) {
                List<String> arguments =
                        known.stream().filter(known -> !known.equals("type")).toList();
                site.fault(
                        String.valueOf(name),
                        arguments.isEmpty()
                                ? "is unknown; this layer has no arguments"
                                : "is unknown; allowed are " + String.join(", ", arguments));
            }
        }
    }

    private @Nullable Object value(String name) {
        known.add(name);
        return given.get(name);
    }

    private int integer(String name, @Nullable Object value, long least) {
        if ((value instanceof Integer || value instanceof Long)
                && ((Number) value).longValue() >= least
                && ((Number) value).longValue() <= MAX_INTEGER) {
            return ((Number) value).intValue();
        }
        site.fault(name, "is %s; must be an integer from %d to %d".formatted(quoted(value), least, MAX_INTEGER));
        return (int) Math.max(1, least);
    }

    private <T> T missing(String name, String needed, T harmless) {
        site.fault(name, "is missing; must be " + needed);
        return harmless;
    }

    private static boolean factor(Number number) {
        return number.doubleValue() > 0 && number.doubleValue() <= MAX_INTEGER;
    }

    private static String quoted(@Nullable Object value) {
        String text = String.valueOf(value);
        String shown = text.length() <= 40 ? text : text.substring(0, 40) + "…";
        return value instanceof String ? "'" + shown + "'" : shown;
    }
}
