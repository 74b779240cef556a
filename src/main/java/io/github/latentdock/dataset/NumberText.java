package io.github.latentdock.dataset;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers as everybody writes them, not as Java does (no 1f, no 0x1p3), and what may be meant by what is none. */
final class NumberText {

    private static final Set<String> MISSING =
            Set.of("na", "n/a", "#n/a", "<na>", "null", "none", "nil", "?", "-", ".");
    private static final Set<String> INFINITE = Set.of("inf", "infinity");
    private static final Pattern SEPARATORS_ELSEWHERE = Pattern.compile("[\\s|]+");
    private static final Pattern BETWEEN_THOUSANDS = Pattern.compile("(?<=\\d)[,.'\u00a0\u2019\u202f](?=\\d{3})");
    private static final Pattern THOUSANDS_OR_DECIMALS = Pattern.compile("[+-]?\\d{1,3},\\d{3}");
    private static final char MINUS = '\u2212';

    private NumberText() {}

    static boolean isNumber(String text) {
        return !Double.isNaN(parse(text));
    }

    /** NaN when it is none. */
    static double parse(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && "+-.eE".indexOf(c) < 0) {
                return Double.NaN;
            }
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** Whether a text is a number, or several, in a notation that is not read: no name of a column looks like that. */
    static boolean isMeantAsNumber(String text) {
        return notation(text) != null;
    }

    /** What would be right in place of a text that is no number; null where nobody knows what was meant. */
    static @Nullable String hint(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        String notation = notation(text);
        if (notation != null) {
            return notation;
        }
        if (MISSING.contains(lower)) {
            return "what is missing is an empty field or NaN, and with missing=nan it is taken";
        }
        return INFINITE.contains(lower.replaceFirst("^[+-]", "")) ? "infinity is none" : null;
    }

    private static @Nullable String notation(String text) {
        if (text.startsWith("[") || text.startsWith("{")) {
            return "JSON is not read as a dataset";
        }
        String[] parts = SEPARATORS_ELSEWHERE.split(text);
        if (parts.length > 1 && Arrays.stream(parts).allMatch(NumberText::isNumber)) {
            return "commas, semicolons or tabs separate values, neither blanks nor bars do (numpy: savetxt(…, delimiter=','))";
        }
        String pointed = text.replace(',', '.');
        if (THOUSANDS_OR_DECIMALS.matcher(text).matches()) {
            return "decimals follow a point, and nothing is written between thousands: %s or %s"
                    .formatted(pointed, text.replace(",", ""));
        }
        if (text.contains(",") && isNumber(pointed)) {
            return "decimals follow a point, not a comma: %s (pandas: to_csv(decimal='.'))".formatted(pointed);
        }
        String dashed = text.replace(MINUS, '-');
        if (text.indexOf(MINUS) >= 0 && isNumber(dashed)) {
            return "its minus is U+2212, the one of numbers is a hyphen: %s".formatted(dashed);
        }
        String together = BETWEEN_THOUSANDS.matcher(text).replaceAll("").replace(',', '.');
        return isNumber(together) && !isNumber(text)
                ? "decimals follow a point, and nothing is written between thousands"
                : null;
    }
}
